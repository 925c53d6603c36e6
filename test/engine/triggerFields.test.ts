import type { IBinaryData, INodeCredentialsDetails, INodeParameters } from 'n8n-workflow';

import { FeishuMailTrigger } from '../../nodes/FeishuMail/FeishuMailTrigger.node';
import type { NewMessage } from '../sandbox';
import { contentOf, keepFilesIn } from './engine';
import {
	active,
	addFolder,
	addLabel,
	arrive,
	callsOf,
	FILE,
	GET,
	LINKS,
	LIST,
	published,
	reads,
	receive,
} from './watching';
import { appWithout, connected, engine, locate, sandbox, time } from './stage';

beforeAll(async () => await keepFilesIn('memory'));

const inFolder = (mode: string, value: string): INodeParameters => ({ folderId: locate(mode, value) });

const withLabel = (mode: string, value: string): INodeParameters => ({
	source: 'label',
	labelId: locate(mode, value),
});

const queries = () => sandbox.requestsTo(LIST).map(({ query }) => query);

describe('the source', () => {
	it.each<[string, INodeParameters, NewMessage]>([
		['the inbox, where nothing is chosen', inFolder('list', ''), {}],
		['the inbox, unless something else is chosen', {}, {}],
		['a folder from the list', inFolder('list', '700'), { folder_id: '700' }],
		['a folder by its path', inFolder('name', '/projects/'), { folder_id: '700' }],
		['a folder by its id', inFolder('id', '700'), { folder_id: '700' }],
		['a folder of Feishu, in small letters', inFolder('id', 'sent'), { folder_id: 'SENT' }],
		['an own label by its name', withLabel('name', 'vip'), { label_ids: ['800', 'UNREAD'] }],
		['an own label by its id', withLabel('id', '800'), { label_ids: ['800'] }],
		['a label of Feishu', withLabel('list', 'FLAGGED'), { label_ids: ['FLAGGED'] }],
		['a label of Feishu by its name', withLabel('name', 'Important'), { label_ids: ['IMPORTANT'] }],
	])('is %s', async (_, parameters, fields) => {
		addFolder('Projects', '700');
		addLabel('VIP');
		const trigger = await active(parameters);
		receive({ subject: 'Elsewhere', folder_id: 'ARCHIVED' });
		receive({ subject: 'Here', ...fields });
		await trigger.ticks(2);
		expect(trigger.subjects).toEqual(['Here']);
	});

	it('is looked up once, as long as the workflow is active', async () => {
		addFolder('Projects', '700');
		const trigger = await active(inFolder('name', 'Projects'));
		expect(await callsOf(async () => await trigger.ticks(3))).toEqual({ [LIST]: 3 });
	});

	it('is looked up again where it is not found any more', async () => {
		addFolder('Projects', '700');
		const trigger = await active(inFolder('name', 'Projects'));
		sandbox.mailbox.folders[0]!.id = '701';
		await trigger.tick();
		expect(trigger.errors.map(({ message }) => message)).toEqual([
			expect.stringContaining("check 'Mailbox'"),
		]);
		await trigger.tick();
		expect(queries().at(-1)).toMatchObject({ folder_id: '701' });
	});

	it.each<[string, (value: (first: string, then: string) => string) => INodeParameters, object]>([
		['folder', (value) => inFolder('id', value('INBOX', '700')), { folder_id: '700' }],
		[
			'read status',
			(value) => ({ filters: { readStatus: value('all', 'unread') } }),
			{ only_unread: 'true' },
		],
	])('is another one where the expression of the %s gives another', async (_, parameters, query) => {
		addFolder('Projects', '700');
		const later = Date.now() + 3_600_000;
		const value = (first: string, then: string) =>
			`={{ $now.toMillis() < ${later} ? '${first}' : '${then}' }}`;
		const trigger = await active(parameters(value));
		await trigger.tick();
		expect(queries().at(-1)).not.toMatchObject(query);
		time.pass(3_600_000);
		await trigger.tick();
		expect(queries().at(-1)).toMatchObject(query);
		expect(trigger.errors).toEqual([]);
	});
});

describe('the mailbox', () => {
	it.each(['me', '', 'ME'])('of a user by "%s" is the own one', async (userMailboxId) => {
		const trigger = await active({ userMailboxId }, { credential: await connected() });
		arrive('New');
		await trigger.tick();
		expect(trigger.subjects).toEqual(['New']);
		expect(sandbox.requestsTo(LIST)[0]!.path).toContain('/user_mailboxes/me/');
	});

	it('is a public one, of which the user is a member', async () => {
		const team = sandbox.tenant.addMailbox('team@example.com');
		team.members.add(sandbox.user);
		const credential = await connected();
		const trigger = await active({ userMailboxId: 'team@example.com' }, { credential });
		time.pass(1000);
		team.receive({ subject: 'To the team' });
		arrive('To the user');
		await trigger.tick();
		expect(trigger.subjects).toEqual(['To the team']);
	});
});

describe('the lists of the panel', () => {
	const nodeType = new FeishuMailTrigger();

	beforeEach(() => {
		addFolder('Projects', '700');
		addLabel('VIP');
	});

	it.each<[string, () => Promise<INodeCredentialsDetails | undefined>, () => string]>([
		['an app', async () => undefined, () => sandbox.mailbox.address],
		['a user', async () => await connected(), () => 'me'],
	])('hold folders and labels, for %s', async (_, credentialOf, mailbox) => {
		const credential = await credentialOf();
		const parameters = { userMailboxId: mailbox() };
		const valuesOf = async (method: string) =>
			(await engine.search(method, parameters, { credential, nodeType })).results.map(({ value }) => value);
		expect(await valuesOf('searchFolders')).toEqual(expect.arrayContaining(['INBOX', 'SENT', '700']));
		expect(await valuesOf('searchMailLabels')).toEqual(expect.arrayContaining(['FLAGGED', '800']));
		const labels = await engine.loadOptions('getMailLabels', parameters, credential, nodeType);
		expect(labels.map(({ value }) => value)).toEqual(expect.arrayContaining(['FLAGGED', '800']));
	});
});

describe('filters', () => {
	const ann = { mail_address: 'Ann@Acme.example', name: 'Ann Müller' };
	const bob = { mail_address: 'bob@other.example', name: 'Bob' };
	const pdf = { filename: 'a.pdf', content: Buffer.from('x') };
	const logo = { filename: 'logo.png', content: Buffer.from('x'), cid: 'logo' };

	it.each<[string, INodeParameters, NewMessage, NewMessage]>([
		['sender by address', { sender: 'ann@acme.example' }, { head_from: ann }, { head_from: bob }],
		['sender by domain', { sender: '@ACME.example' }, { head_from: ann }, { head_from: bob }],
		['sender by name', { sender: 'müller' }, { head_from: ann }, { head_from: bob }],
		[
			'sender by one of several, with blanks and an empty one',
			{ sender: 'carol@x.example, , @acme.example' },
			{ head_from: ann },
			{ head_from: bob },
		],
		[
			'sender that has no name',
			{ sender: 'other' },
			{ head_from: { mail_address: 'bob@other.example' } },
			{ head_from: { mail_address: 'ann@acme.example' } },
		],
		['subject in other letter case', { subject: 'RECHNUNG' }, { subject: 'Ihre Rechnung 5' }, {}],
		['subject in other Unicode form', { subject: 'Caf\u00e9' }, { subject: 'Im Cafe\u0301' }, {}],
		['subject with blanks around', { subject: '  报价 ' }, { subject: '您的报价' }, {}],
		['subject with a comma', { subject: 'a, b' }, { subject: 'A, B and C' }, { subject: 'b' }],
		['attachments', { hasAttachments: true }, { attachments: [pdf] }, {}],
		['no attachments', { hasAttachments: false }, {}, { attachments: [pdf] }],
		[
			'attachments, of which images in the text are none',
			{ hasAttachments: true },
			{ attachments: [logo, pdf] },
			{ attachments: [logo] },
		],
		[
			'no attachments but images in the text',
			{ hasAttachments: false },
			{ attachments: [logo] },
			{ attachments: [logo, pdf] },
		],
		['attachments, as text', { hasAttachments: '={{ "false" }}' }, {}, { attachments: [pdf] }],
		['labels by name', { labelIds: ['VIP'] }, { label_ids: ['800'] }, { label_ids: ['801'] }],
		['labels by id', { labelIds: ['800', '802'] }, { label_ids: ['802'] }, { label_ids: ['801'] }],
		['labels by names in a text', { labelIds: 'vip, Late' }, { label_ids: ['802'] }, { label_ids: [] }],
		['a label of Feishu', { labelIds: ['flagged'] }, { label_ids: ['FLAGGED'] }, {}],
		['read status', { readStatus: 'unread' }, {}, { label_ids: [] }],
		[
			'several together',
			{ sender: 'ann', subject: 'plan', hasAttachments: true },
			{ head_from: ann, subject: 'Plan', attachments: [pdf] },
			{ head_from: ann, subject: 'Plan' },
		],
	])('%s', async (_, filters, fits, fitsNot) => {
		for (const name of ['VIP', 'Other one', 'Late']) addLabel(name);
		const trigger = await active({ filters });
		const [one, other] = [receive(fitsNot), receive(fits)];
		receive(fitsNot);
		await trigger.ticks(2);
		expect(trigger.items.map(({ message_id }) => message_id)).toEqual([other.message_id]);
		// Those that do not fit are not read with their texts.
		const withTexts = reads().filter(({ format }) => format !== 'metadata');
		expect(withTexts.map(({ message_ids }) => message_ids)).toEqual([[other.message_id]]);
		expect(JSON.stringify(withTexts)).not.toContain(one.message_id);
	});

	it('are asked again of what comes later, not of what was left out', async () => {
		const trigger = await active({ filters: { subject: 'plan' } });
		const [mail] = arrive('Other');
		await trigger.tick();
		mail!.subject = 'Plan';
		expect(await callsOf(async () => await trigger.tick())).toEqual({ [LIST]: 1 });
		expect(trigger.executions).toEqual([]);
	});

	it.each(['sender', 'subject', 'hasAttachments', 'labelIds', 'readStatus'])(
		'%s: an expression that gives nothing is refused in words, when the workflow is published',
		async (filter) => {
			const trigger = published({ parameters: { filters: { [filter]: '={{ undefined }}' } } });
			await expect(trigger.activate()).rejects.toThrow('has no value: its expression gives nothing');
			expect(sandbox.requestsTo(LIST)).toEqual([]);
			await expect(trigger.test()).rejects.toThrow('has no value: its expression gives nothing');
		},
	);

	it('labels: one that the mailbox has not is refused in words', async () => {
		const trigger = published({ parameters: { filters: { labelIds: ['Nowhere'] } } });
		await expect(trigger.activate()).rejects.toThrow(
			"'Label Names or IDs': the mailbox has no label 'Nowhere'",
		);
	});

	it.each([
		['sender', { sender: 'ann' }, 'address:read', 'Sender'],
		['subject', { subject: 'plan' }, 'subject:read', 'Subject'],
		['attachments', { hasAttachments: true }, 'body:read', 'Has Attachments'],
	])(
		'%s: what Feishu hides is told in words, and no mail is lost',
		async (_, filters, scope, displayName) => {
			const credential = await appWithout(scope);
			const trigger = await active({ filters }, { credential });
			receive({ subject: 'Plan', attachments: [{ filename: 'a', content: Buffer.from('a') }] });
			const before = trigger.memory;
			await trigger.ticks(2);
			expect(trigger.errors.map(({ message }) => message)).toEqual(
				Array(2).fill(
					expect.stringMatching(
						`^The filter '${displayName}' cannot work: .*mail:user_mailbox.message.${scope}`,
					),
				),
			);
			expect(trigger.memory).toBe(before);
			for (const app of sandbox.tenant.apps) app.scopes.add(`mail:user_mailbox.message.${scope}`);
			await trigger.tick();
			expect(trigger.subjects).toEqual(['Plan']);
		},
	);
});

describe('outputs', () => {
	const fields = (): NewMessage => ({
		subject: '报价 & quote',
		body_html: '<p>您好 <b>Zoë</b></p>',
		body_plain_text: '您好 Zoë',
		internal_date: Date.now(),
	});

	it('simplified', async () => {
		const trigger = await active();
		const mail = receive(fields());
		await trigger.tick();
		expect(trigger.items).toEqual([
			{
				message_id: mail.message_id,
				thread_id: mail.thread_id,
				date: new Date(mail.internal_date).toISOString(),
				subject: '报价 & quote',
				head_from: { mail_address: 'ann@example.org', name: 'Ann Example' },
				to: [{ mail_address: 'user@example.com' }],
				cc: [],
				folder_id: 'INBOX',
				label_ids: ['UNREAD'],
				body_preview: '您好 Zoë',
				body_plain_text: '您好 Zoë',
				attachments: [],
			},
		]);
		expect(reads().map(({ format }) => format)).toEqual(['metadata', 'metadata', 'plain_text_full']);
	});

	it('full', async () => {
		const trigger = await active({ output: 'full' });
		const mail = receive(fields());
		await trigger.tick();
		expect(trigger.items).toEqual([
			expect.objectContaining({
				message_id: mail.message_id,
				body_html: '<p>您好 <b>Zoë</b></p>',
				body_plain_text: '您好 Zoë',
				smtp_message_id: mail.smtp_message_id,
				internal_date: String(mail.internal_date),
				date: new Date(mail.internal_date).toISOString(),
			}),
		]);
	});

	it('metadata', async () => {
		const trigger = await active({ output: 'metadata' });
		const mail = receive(fields());
		await trigger.tick();
		expect(trigger.items).toEqual([
			expect.objectContaining({
				message_id: mail.message_id,
				body_preview: '您好 Zoë',
				subject: mail.subject,
			}),
		]);
		expect(Object.keys(trigger.items[0]!)).not.toContain('body_plain_text');
		expect(reads().map(({ format }) => format)).toEqual(['metadata', 'metadata']);
	});

	it('what Feishu hides is left out, and the mails come', async () => {
		const credential = await appWithout('body:read', 'subject:read');
		const trigger = await active({}, { credential });
		const [mail] = arrive('Hidden');
		await trigger.tick();
		expect(trigger.items).toEqual([expect.objectContaining({ message_id: mail!.message_id })]);
		expect(trigger.items[0]).not.toHaveProperty('subject');
	});
});

describe('attachments', () => {
	const file = (filename: string, more: object = {}) => ({
		filename,
		content: Buffer.from(`Content of ${filename}`),
		...more,
	});

	const filesOf = async (binary: Record<string, IBinaryData> = {}) =>
		Object.fromEntries(
			await Promise.all(
				Object.entries(binary).map(async ([field, data]) => [
					field,
					[data.fileName, (await contentOf(data)).toString()],
				]),
			),
		) as unknown;

	it('are left where they are unless they are wanted', async () => {
		const trigger = await active();
		receive({ attachments: [file('a.pdf')] });
		expect(await callsOf(async () => await trigger.tick())).toEqual({ [LIST]: 1, [GET]: 2 });
		expect(trigger.executions[0]![0]).not.toHaveProperty('binary');
	});

	it.each([
		[{}, 'attachment_'],
		[{ attachmentsPrefix: 'file' }, 'file'],
	])('come in binary fields (%p)', async (more, prefix) => {
		const trigger = await active({ options: { downloadAttachments: true, ...more } });
		receive({ subject: 'With', attachments: [file('a.pdf'), file('b.txt')] });
		arrive('Without');
		await trigger.tick();
		const [one, other] = trigger.executions[0]!;
		expect(await filesOf(one!.binary)).toEqual({
			[`${prefix}0`]: ['a.pdf', 'Content of a.pdf'],
			[`${prefix}1`]: ['b.txt', 'Content of b.txt'],
		});
		expect(one!.json.attachments).toEqual([
			expect.objectContaining({ filename: 'a.pdf', binary_field: `${prefix}0` }),
			expect.objectContaining({ filename: 'b.txt', binary_field: `${prefix}1` }),
		]);
		expect(other).toEqual({ json: expect.objectContaining({ subject: 'Without' }) });
		expect(sandbox.tokenLeaks).toEqual([]);
	});

	it('come where n8n keeps files on disk', async () => {
		await keepFilesIn('filesystem');
		try {
			const trigger = await active({ options: { downloadAttachments: true } });
			receive({ attachments: [file('a.pdf')] });
			await trigger.tick();
			const { binary } = trigger.executions[0]![0]!;
			expect(await filesOf(binary)).toEqual({ attachment_0: ['a.pdf', 'Content of a.pdf'] });
			expect(binary!.attachment_0!.id).toContain('filesystem');
		} finally {
			await keepFilesIn('memory');
		}
	});

	it('also of metadata, and in the editor', async () => {
		const trigger = await active({ output: 'metadata', options: { downloadAttachments: true } });
		receive({ attachments: [file('a.pdf')] });
		await trigger.tick();
		const files = { attachment_0: ['a.pdf', 'Content of a.pdf'] };
		expect(await filesOf(trigger.executions[0]![0]!.binary)).toEqual(files);
		expect(await filesOf((await trigger.test())![0]!.binary)).toEqual(files);
	});

	it('that are too large for a mail are left in the cloud', async () => {
		const trigger = await active({ options: { downloadAttachments: true } });
		receive({ attachments: [file('large.zip', { attachment_type: 2 }), file('a.pdf')] });
		await trigger.tick();
		const { json, binary } = trigger.executions[0]![0]!;
		expect(await filesOf(binary)).toEqual({ attachment_0: ['a.pdf', 'Content of a.pdf'] });
		expect(json.attachments).toEqual([
			expect.objectContaining({ filename: 'a.pdf' }),
			expect.objectContaining({ filename: 'large.zip' }),
		]);
		expect(json).not.toHaveProperty('error');
	});

	it('have names that no system takes for a path', async () => {
		const trigger = await active({ options: { downloadAttachments: true } });
		receive({ attachments: [file('../../etc/passwd'), file('con.txt')] });
		await trigger.tick();
		const names = Object.values(trigger.executions[0]![0]!.binary!).map(({ fileName }) => fileName);
		expect(names).toEqual(['_.._etc_passwd', '_con.txt']);
	});

	it('without a link: the mail comes without them and says so', async () => {
		const trigger = await active({ options: { downloadAttachments: true } });
		receive({ subject: 'One', attachments: [file('a.pdf')] });
		receive({ subject: 'Two', attachments: [file('b.pdf')] });
		sandbox.fail({ api: LINKS, with: { code: 0, data: { download_urls: [], failed_ids: ['x'] } } });
		await trigger.ticks(2);
		expect(trigger.items).toEqual([
			expect.objectContaining({
				subject: 'One',
				error: "Feishu gives no link to the attachment 'a.pdf' of the mail",
			}),
			expect.objectContaining({ subject: 'Two' }),
		]);
		expect(trigger.items[1]).not.toHaveProperty('error');
		expect(sandbox.requestsTo(FILE)).toHaveLength(1);
		expect(trigger.errors).toEqual([]);
	});
});
