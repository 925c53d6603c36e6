import type { INodeParameters } from 'n8n-workflow';

import { findOperation, resources } from '../../nodes/FeishuMail/actions';
import { accepts } from '../../nodes/FeishuMail/transport/endpoint';
import type { RunOptions } from './engine';
import { connected, continues, locate, run, sandbox } from './stage';

const byId = (value: string) => locate('id', value);
const byName = (value: string) => locate('name', value);
const long = 'x'.repeat(1001);

/** What a rule does. */
const rule = (input = 'A', action: INodeParameters = { type: 'flag' }): INodeParameters => ({
	condition: { items: [{ type: 'subject', operator: 'contains', input }] },
	action: { items: [action] },
});

/** For each write: its parameters, with `bad` in the place of what is wrong with the last item. */
const writes: Array<[title: string, parameters: INodeParameters, bad: string, message: RegExp]> = [
	['contact create, name', { name: '={{ $json.value }}' }, '', /'Name' is empty/],
	[
		'contact create, remark',
		{ name: 'A', additionalFields: { remark: '={{ $json.value }}' } },
		long,
		/'Remark' has 1001/,
	],
	[
		'contact create, mailbox',
		{ name: 'A', userMailboxId: '={{ $json.value && `${$json.value}@x` }}' },
		'',
		/'Mailbox' is empty/,
	],
	[
		'contact create, path',
		{ name: 'A', userMailboxId: '={{ `${$json.value}@x` }}' },
		'a/../b',
		/'Mailbox' cannot/,
	],
	[
		'contact create, me',
		{ name: 'A', userMailboxId: '={{ $json.value === "me" ? "me" : "a@x" }}' },
		'me',
		/cannot be 'me'/,
	],
	['contact create, options', { name: 'A', options: { timeout: '={{ $json.value }}' } }, 'x', /'Timeout/],
	['contact create, a list', { name: '={{ $json.value === "x" ? [1] : "A" }}' }, 'x', /must be text/],
	['contact upsert, email', { name: 'A', mailAddress: '={{ $json.value }}' }, '', /'Email' is empty/],
	[
		'contact upsert, email as workflows had it',
		{ name: 'A', additionalFields: { mailAddress: '={{ $json.value }}' } },
		'',
		/'Email' is empty/,
	],
	[
		'contact upsert, mailbox',
		{ name: 'A', mailAddress: 'a@example.com', userMailboxId: '={{ $json.value && `${$json.value}@x` }}' },
		'',
		/'Mailbox' is empty/,
	],
	[
		'contact upsert, options',
		{ name: 'A', mailAddress: 'a@example.com', options: { timeout: '={{ $json.value }}' } },
		'x',
		/'Timeout/,
	],
	['contact update, contact', { contactId: byId('={{ $json.value }}') }, '', /'Contact' is empty/],
	['contact update, contact by name', { contactId: byName('={{ $json.value }}') }, '', /'Contact' is empty/],
	[
		'contact update, name',
		{ contactId: byId('1'), name: '={{ $json.value }}', options: { keepOtherFields: false } },
		'',
		/'Name' is empty/,
	],
	[
		'contact update, remark',
		{ contactId: byName('A'), updateFields: { remark: '={{ $json.value }}' } },
		long,
		/'Remark' has 1001/,
	],
	[
		'contact update, mailbox',
		{ contactId: byName('A'), userMailboxId: '={{ `${$json.value}@x` }}' },
		'a/../b',
		/'Mailbox' cannot/,
	],
	['contact delete, contact', { contactId: byId('={{ $json.value }}') }, '', /'Contact' is empty/],
	['contact delete, contact by name', { contactId: byName('={{ $json.value }}') }, '', /'Contact' is empty/],
	[
		'contact delete, mailbox',
		{ contactId: byName('A'), userMailboxId: '={{ $json.value === "me" ? "me" : "a@x" }}' },
		'me',
		/cannot be 'me'/,
	],
	['label create, name', { name: '={{ $json.value }}' }, '', /'Name' is empty/],
	[
		'label create, colour',
		{ name: 'A', backgroundColor: '={{ $json.value === "pink" ? "pink" : "red" }}' },
		'pink',
		/'Background Color' must/,
	],
	[
		'label upsert, colour',
		{ name: 'A', backgroundColor: '={{ $json.value === "pink" ? "pink" : "red" }}' },
		'pink',
		/'Background Color' must/,
	],
	[
		'label update, name',
		{ labelId: byName('A'), updateFields: { name: '={{ $json.value }}' } },
		'',
		/'Name' is empty/,
	],
	[
		'label update, label',
		{ labelId: byName('={{ $json.value }}'), updateFields: { name: 'A' } },
		'FLAGGED',
		/label of Feishu's own/,
	],
	['label delete, label', { labelId: byName('={{ $json.value }}') }, '', /'Label' is empty/],
	['folder create, name', { name: '={{ $json.value }}' }, '', /'Name' is empty/],
	[
		'folder update, folder',
		{ folderId: byId('={{ $json.value }}'), updateFields: { name: 'A' } },
		'INBOX',
		/belongs to Feishu/,
	],
	['folder delete, folder', { folderId: byId('={{ $json.value }}') }, 'INBOX', /belongs to Feishu/],
	['template create, name', { name: '={{ $json.value }}' }, '', /'Name' is empty/],
	[
		'template create, to',
		{
			name: 'A',
			additionalFields: { tos: '={{ $json.value === "jane@" ? "jane@" : "a@example.com" }}' },
		},
		'jane@',
		/'To': 'jane@' is not an email address/,
	],
	[
		'template update, template',
		{ templateId: byName('={{ $json.value }}'), updateFields: { subject: 'A' } },
		'',
		/'Template' is empty/,
	],
	['template delete, template', { templateId: byId('={{ $json.value }}') }, '', /'Template' is empty/],
	[
		'message send, to',
		{ to: '={{ $json.value === "jane@" ? "jane@" : "a@example.com" }}', message: 'A' },
		'jane@',
		/'To': 'jane@' is not an email address/,
	],
	[
		'message send, nobody',
		{ to: '={{ $json.value && "a@example.com" }}', message: 'A' },
		'',
		/'To' is empty/,
	],
	[
		'message send, template',
		{ additionalFields: { templateId: byId('={{ $json.value === "x" ? undefined : "1" }}') } },
		'x',
		/'Template' has no value/,
	],
	[
		'message send, template and too many recipients',
		{
			to: '={{ $json.value === "x" ? Array.from({ length: 501 }, (_, i) => `${i}@example.com`).join() : "" }}',
			additionalFields: { templateId: byId('1') },
		},
		'x',
		/The mail has 501 recipients/,
	],
	[
		'message send, file',
		{ to: 'a@example.com', additionalFields: { attachments: '={{ $json.value === "x" ? "x" : "" }}' } },
		'x',
		/no binary field 'x'/,
	],
	[
		'message send, time',
		{ to: 'a@example.com', additionalFields: { sendAt: '={{ $json.value === "x" ? $now : "" }}' } },
		'x',
		/'Send At' must be at least five minutes ahead/,
	],
	[
		'message reply, from',
		{ messageId: byId('1'), additionalFields: { from: '={{ $json.value === "jane@" ? "jane@" : "" }}' } },
		'jane@',
		/'From Name or ID': 'jane@' is not/,
	],
	[
		'message forward, to',
		{ messageId: byId('1'), to: '={{ $json.value && "a@example.com" }}' },
		'',
		/'To' is empty/,
	],
	[
		'draft create, image',
		{ message: '={{ $json.value === "x" ? `<img src="cid:x">` : "A" }}' },
		'x',
		/shows an image 'x'/,
	],
	[
		'draft update, draft',
		{ draftId: byId('={{ $json.value }}'), updateFields: { subject: 'A' } },
		'',
		/'Draft' is empty/,
	],
	['draft delete, draft', { draftId: byId('={{ $json.value }}') }, '', /'Draft' is empty/],
	['draft send, draft', { draftId: byId('={{ $json.value }}') }, '', /'Draft' is empty/],
	['message recall, message', { messageId: byId('={{ $json.value }}') }, '', /'Message' is empty/],
	[
		'message cancelScheduledSend, message',
		{ messageId: byId('={{ $json.value }}') },
		'',
		/'Message' is empty/,
	],
	[
		'mailbox createAlias, alias',
		{ emailAlias: '={{ $json.value === "x" ? "x" : "a@example.com" }}' },
		'x',
		/'Alias' must be an address, but its value is 'x'/,
	],
	['mailbox deleteAlias, alias', { aliasId: byId('={{ $json.value }}') }, '', /'Alias' is empty/],
	['rule create, name', { name: '={{ $json.value }}', ...rule() }, '', /'Name' is empty/],
	['rule create, value', { name: 'A', ...rule('={{ $json.value }}') }, '', /'Condition 1: Value' is empty/],
	[
		'rule create, folder',
		{ name: 'A', ...rule('A', { type: 'moveToFolder', folderId: byId('={{ $json.value }}') }) },
		'INBOX',
		/'Action 1: Folder': INBOX belongs to Feishu/,
	],
	[
		'rule update, action',
		{
			ruleId: byName('A'),
			updateFields: rule('A', { type: '={{ $json.value === "forward" ? "forward" : "flag" }}' }),
		},
		'forward',
		/'Action 1: Type' must be one of/,
	],
	[
		'rule update, rule',
		{ ruleId: byId('={{ $json.value }}'), updateFields: { name: 'A' } },
		'',
		/'Rule' is empty/,
	],
	['rule delete, rule', { ruleId: byName('={{ $json.value }}') }, '', /'Rule' is empty/],
	['rule reorder, rules', { ruleIds: '={{ $json.value }}' }, '', /'Rule Names or IDs' is empty/],
	...(['message', 'thread'] as const).flatMap((filed): typeof writes => {
		const field = `${filed}Id`;
		const one = { [field]: byId('={{ $json.value }}') };
		const empty = new RegExp(`'${filed === 'message' ? 'Message' : 'Thread'}' is empty`);
		return [
			[`${filed} addLabels, ${filed}`, { ...one, labelIds: ['VIP'] }, '', empty],
			[
				`${filed} addLabels, labels`,
				{ [field]: byId('1'), labelIds: '={{ $json.value }}' },
				'',
				/'Label Names or IDs' is empty/,
			],
			[
				`${filed} addLabels, labels as numbers`,
				{ [field]: byId('1'), labelIds: '={{ [$json.value === "x" ? 7012345678901234567 : "VIP"] }}' },
				'x',
				/cannot hold all digits/,
			],
			[`${filed} removeLabels, ${filed}`, { ...one, labelIds: ['VIP'] }, '', empty],
			[`${filed} markAsRead, ${filed}`, one, '', empty],
			[`${filed} markAsUnread, ${filed}`, one, '', empty],
			[
				`${filed} move, folder`,
				{ [field]: byId('1'), folderId: byId('={{ $json.value }}') },
				'DRAFT',
				/nothing can be moved to DRAFT/,
			],
			[
				`${filed} trash, mailbox`,
				{ [field]: byId('1'), userMailboxId: '={{ `${$json.value}@x` }}' },
				'a/../b',
				/'Mailbox' cannot/,
			],
		];
	}),
];

const rehearse = async (
	title: string,
	parameters: INodeParameters,
	values: string[],
	change: Partial<RunOptions> = {},
) => {
	const [resource = '', operation = ''] = title.split(/[ ,]/);
	const forUsers = findOperation(resource, operation).endpoints.some(
		(endpoint) => !accepts(endpoint, 'tenant'),
	);
	return await run(
		resource,
		operation,
		{ parentFolderId: byId('0'), ...parameters },
		{
			items: values.map((value) => ({ value })),
			...(forUsers && { credential: await connected() }),
			...change,
		},
	);
};

it('every operation that writes is among those that are tried', () => {
	const tried = new Set(writes.map(([title]) => title.split(',')[0]));
	const writing = resources.flatMap(({ value: resource, operations }) =>
		operations
			.filter(({ endpoints }) => endpoints.some(({ verify }) => verify !== undefined))
			.map(({ value }) => `${resource} ${value}`),
	);
	expect([...tried].sort()).toEqual(writing.sort());
});

describe('when the last of four items cannot be sent', () => {
	it.each(writes)('nothing is: %s', async (title, parameters, bad, message) => {
		const { error } = await rehearse(title, parameters, ['60', '61', '62', bad]);
		expect(error?.message).toMatch(message);
		expect(error?.context.itemIndex).toBe(3);
		expect(sandbox.requests).toEqual([]);
	});

	it('the others are sent with Continue On Fail', async () => {
		const { outputs } = await rehearse(
			'contact create',
			{ name: '={{ $json.value }}' },
			['A', 'B', ''],
			continues,
		);
		expect(outputs[0]!.map(({ json }) => json.name ?? json.error)).toEqual([
			'A',
			'B',
			expect.stringContaining("'Name' is empty"),
		]);
	});
});
