import type { INodeParameters } from 'n8n-workflow';

import type { ApiName, Fault } from '../sandbox';
import { locate, run, sandbox } from './stage';

beforeEach(() => {
	const { contacts, labels, folders } = sandbox.mailbox;
	contacts.push({ id: 'c1', name: 'Anna', mail_address: 'anna@example.com', phone: '1' });
	labels.push({ id: 'l1', name: 'VIP', background_color: 'blue', messages_unread: 0 });
	folders.push({
		id: 'f1',
		name: 'Projects',
		parent_folder_id: '0',
		folder_type: 2,
		unread_message_count: 0,
		unread_thread_count: 0,
	});
});

const attempt = async (resource: string, operation: string, parameters: INodeParameters = {}) => {
	const { error, outputs, hints } = await run(resource, operation, parameters);
	const text = [error?.message, error?.description].join('\n');
	return {
		error,
		text,
		json: outputs[0]?.map((item) => item.json),
		hints: hints.map((hint) => hint.message),
	};
};

/** Puts an answer in the place of each one of an API; a write is carried out before. */
const answerWith = (api: ApiName, fault: Extract<Fault, { kind?: undefined }>) =>
	sandbox.fail({ api, on: () => true, with: { after: true, ...fault } });

const json = (text: string) => ({ body: text, contentType: 'application/json' });

describe('a success that does not hold what it declares is not one', () => {
	it.each<[string, string, string, ApiName, INodeParameters, string]>([
		['{}', 'contact', 'create', 'mail.contact.create', { name: 'Ben' }, 'no mail_contact'],
		['{"mail_contact":[]}', 'contact', 'create', 'mail.contact.create', { name: 'Ben' }, 'no mail_contact'],
		[
			'{"mail_contact":{}}',
			'contact',
			'create',
			'mail.contact.create',
			{ name: 'Ben' },
			'no id of the mail_contact',
		],
		[
			'{"mail_contact":{"id":""}}',
			'contact',
			'create',
			'mail.contact.create',
			{ name: 'Ben' },
			'no id of the mail_contact',
		],
		['"x"', 'label', 'delete', 'mail.label.delete', { labelId: locate('id', 'l1') }, 'no data'],
	])(
		'data %s of a write: the outcome is unknown (%s %s)',
		async (data, resource, operation, api, parameters, lacks) => {
			answerWith(api, json(`{"code":0,"msg":"success","data":${data}}`));
			const { text } = await attempt(resource, operation, parameters);
			expect(text).toContain(
				operation === 'create'
					? 'It is unknown whether Feishu carried out the request'
					: 'Feishu may or may not have carried out the request: run it again later, which does nothing twice',
			);
			expect(text).toContain(`Feishu reports success, but its answer holds ${lacks}`);
			expect(sandbox.requestsTo(api)).toHaveLength(1);
		},
	);

	it.each<[string, 'label' | 'folder', boolean]>([
		['{"label":{"id":7}}', 'label', true],
		['"x"', 'label', true],
		['{"folder":["f9"]}', 'folder', true],
		['{"label":{"id":7}}', 'label', false],
		['{"folder":["f9"]}', 'folder', false],
	])('data %s of a new %s, which is looked up (there: %p)', async (data, resource, after) => {
		const api = `mail.${resource}.create` as const;
		const answer = json(`{"code":0,"msg":"success","data":${data}}`);
		const things = resource === 'label' ? sandbox.mailbox.labels : sandbox.mailbox.folders;
		answerWith(api, { ...answer, after });
		const { text, json: items } = await attempt(resource, 'create', { name: 'New' });
		if (after) {
			expect(items).toEqual([things[1]]);
			expect(sandbox.requestsTo(api)).toHaveLength(1);
		} else {
			expect(text).toContain(`Feishu reports success, but its answer holds no`);
			expect(text).toContain('and nothing was created: run it again later');
			expect(things).toHaveLength(1);
		}
	});

	it.each<[string, string, ApiName]>([
		['{"items":{}}', 'contact', 'mail.contact.list'],
		['{"items":[null]}', 'contact', 'mail.contact.list'],
		['{"items":["c1"]}', 'contact', 'mail.contact.list'],
		['{"items":[{"name":"Anna"}]}', 'contact', 'mail.contact.list'],
		['{"items":"none"}', 'label', 'mail.label.list'],
		['[]', 'label', 'mail.label.list'],
		['"x"', 'folder', 'mail.folder.list'],
		['{"items":[{"id":"f1"},{"id":null}]}', 'folder', 'mail.folder.list'],
	])('data %s of a list of %ss', async (data, resource, api) => {
		answerWith(api, json(`{"code":0,"msg":"success","data":${data}}`));
		const { text, json: items } = await attempt(resource, 'getAll');
		expect(text).toContain('Feishu reports success, but its answer holds no');
		expect(items).toBeUndefined();
	});

	it.each(['{}', '{"data":null}', '{"data":{}}'])(
		'a change that returns nothing needs nothing: %s',
		async (rest) => {
			const body = JSON.stringify({ code: 0, msg: 'success', ...(JSON.parse(rest) as object) });
			answerWith('mail.contact.patch', json(body));
			const parameters = { contactId: locate('id', 'c1'), name: 'Anna', updateFields: { company: 'Acme' } };
			const { text, json: items } = await attempt('contact', 'update', parameters);
			expect(text.trim()).toBe('');
			expect(items).toMatchObject([{ id: 'c1', company: 'Acme' }]);
		},
	);
});

describe.each([301, 400, 403, 429, 500, 503])('code 0 with HTTP %s contradicts itself', (status) => {
	it('so that the outcome of a write is unknown', async () => {
		const data = { mail_contact: { id: 'c9', name: 'Ben' } };
		answerWith('mail.contact.create', { status, code: 0, data });
		const { text } = await attempt('contact', 'create', { name: 'Ben' });
		expect(text).toContain('It is unknown whether Feishu carried out the request');
		expect(text).toContain(`HTTP ${status}`);
		expect(sandbox.requestsTo('mail.contact.create')).toHaveLength(1);
	});

	it('so that a read is tried again', async () => {
		sandbox.fail({ api: 'mail.label.list', with: { status, code: 0, data: { items: [] } } });
		const { json: items } = await attempt('label', 'getAll', { returnAll: true });
		expect(items).toMatchObject([{ id: 'l1' }]);
		expect(sandbox.requestsTo('mail.label.list')).toHaveLength(2);
	});
});

const brokenOff = "Feishu's list broke off before its end";

/** How a list ends without saying that it has ended. */
const oddEnds: Array<[string, string]> = [
	['more without a token', '{"data":{"items":[{"id":"c7","name":"Eve"}],"has_more":true}}'],
	[
		'more with an empty token',
		'{"data":{"items":[{"id":"c7","name":"Eve"}],"has_more":true,"page_token":""}}',
	],
	[
		'a page that came before',
		'{"data":{"items":[{"id":"c7","name":"Eve"}],"has_more":true,"page_token":"t"}}',
	],
	['more without items', '{"data":{"has_more":true,"page_token":"t"}}'],
	['no data', '{}'],
	['data that is null', '{"data":null}'],
];

describe.each(oddEnds)('a list that ends with %s', (_, rest) => {
	const body = JSON.stringify({ code: 0, msg: 'success', ...(JSON.parse(rest) as object) });

	it.each<[string, string, string, ApiName, INodeParameters]>([
		['contact', 'upsert', 'creates nobody twice', 'mail.contact.list', { matchBy: 'name', name: 'Anna' }],
		['contact', 'getAll', 'is not all', 'mail.contact.list', { returnAll: true }],
		['label', 'getAll', 'is not all', 'mail.label.list', { returnAll: true }],
		['folder', 'getAll', 'is not all', 'mail.folder.list', { returnAll: true }],
		['label', 'upsert', 'creates nothing twice', 'mail.label.list', { name: 'VIP' }],
		[
			'folder',
			'delete',
			'does not say that a folder is not there',
			'mail.folder.list',
			{ folderId: locate('name', 'Projects') },
		],
	])('%s %s: %s', async (resource, operation, __, api, parameters) => {
		answerWith(api, json(body));
		const { text } = await attempt(resource, operation, parameters);
		expect(text).toContain(brokenOff);
		expect(
			sandbox.requests.filter(({ method }) => !['GET'].includes(method)).map(({ api: to }) => to),
		).toEqual(['auth.tenantAccessToken']);
	});

	it.each(['contact', 'label', 'folder'] as const)('%s getAll up to a limit: a hint', async (resource) => {
		answerWith(`mail.${resource}.list`, json(body));
		const { text, json: items, hints } = await attempt(resource, 'getAll', { limit: 50 });
		expect(text.trim()).toBe('');
		expect(items?.every(({ id }) => id === 'c7')).toBe(true);
		expect(hints).toEqual([expect.stringContaining('The output may be incomplete')]);
	});
});

it('a limit that is reached before the odd end needs no hint', async () => {
	answerWith('mail.contact.list', json('{"code":0,"data":{"items":[{"id":"c7"}],"has_more":true}}'));
	const { json: items, hints } = await attempt('contact', 'getAll', { limit: 1 });
	expect([items, hints]).toEqual([[{ id: 'c7' }], []]);
});

it.each(['{"has_more":false}', '{"items":null}', '{}', '{"items":[],"page_token":"t"}'])(
	'an empty list is one: %s',
	async (data) => {
		answerWith('mail.contact.list', json(`{"code":0,"data":${data}}`));
		const { text, json: items, hints } = await attempt('contact', 'getAll', { returnAll: true });
		expect([text.trim(), items, hints]).toEqual(['', [], []]);
	},
);
