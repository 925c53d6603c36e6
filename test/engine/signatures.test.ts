import type { Signature } from '../sandbox';
import { connected, continues, runOn, sandbox } from './stage';

const LIST = 'mail.mailbox.signatures';

const run = runOn('signature');

const PNG = Buffer.from('\x89PNG\r\n\x1a\nlogo', 'latin1');

const logo = {
	id: 'file-key',
	filename: 'logo.png',
	cid: 'logo',
	is_inline: true,
	attachment_type: 1,
	content: PNG,
} as const;

const add = (id: string, change: Partial<Signature> = {}) => {
	const signature: Signature = {
		id,
		name: `Name of ${id}`,
		content: '<p>Jane</p>',
		signature_type: 'USER',
		signature_device: 'PC',
		template_json_keys: [],
		images: [],
		...change,
	};
	sandbox.mailbox.signatures.push(signature);
	return signature;
};

const use = (email_address: string, send_mail_signature_id: string, reply_signature_id = '') => {
	const usage = { email_address, send_mail_signature_id, reply_signature_id };
	sandbox.mailbox.signatureUsages.push(usage);
	return usage;
};

describe('Signature: Get Many', () => {
	it('gives each with the addresses that it is the default of, and no links', async () => {
		add('1', { images: [logo], content: '<img src="cid:logo">' });
		add('2', { signature_type: 'TENANT', user_fields: { 'B-NAME': { default_val: 'Jane', i18n_vals: {} } } });
		add('3');
		const own = use('user@example.com', '1', '2');
		const alias = use('alias@example.com', '0', '1');
		const { jsons } = await run('getAll', { userMailboxId: 'me' }, { credential: await connected() });
		expect(jsons).toMatchObject([
			{
				id: '1',
				content: '<img src="cid:logo">',
				images: [{ image_name: 'logo.png', file_key: 'file-key', cid: 'logo', file_size: '12' }],
				usages: [own, alias],
			},
			{ id: '2', user_fields: { 'B-NAME': { default_val: 'Jane' } }, usages: [own] },
			{ id: '3', usages: [] },
		]);
		expect(JSON.stringify(jsons)).not.toContain('download');
	});

	it('gives nothing for a mailbox without signatures, as those that Feishu says nothing of', async () => {
		const credential = await connected();
		expect((await run('getAll', {}, { credential })).jsons).toEqual([]);
		sandbox.fail({ api: LIST, with: { code: 0, data: {} } });
		expect((await run('getAll', {}, { credential })).jsons).toEqual([]);
	});

	it('asks once for the items of one mailbox', async () => {
		add('1');
		const ran = await run('getAll', {}, { credential: await connected(), items: [{}, {}, {}] });
		expect(ran.jsons).toHaveLength(3);
		expect(sandbox.requestsTo(LIST)).toHaveLength(1);
	});

	it('is refused for an app before any request', async () => {
		const { error } = await run('getAll');
		expect(error?.message).toContain("'Feishu Mail OAuth2 API' credential");
		expect(sandbox.requests).toEqual([]);
	});

	it('lacks its scope: names it', async () => {
		const scopes = [...sandbox.app.userScopes].filter((scope) => scope !== 'mail:user_mailbox:readonly');
		const { error } = await run('getAll', {}, { credential: await connected({ scopes }) });
		expect(error?.message).toContain('mail:user_mailbox:readonly');
	});

	it('of a mailbox that the user may not open fails in words, and the others go on', async () => {
		add('1');
		const items = [{ box: 'nobody@example.com' }, { box: 'me' }];
		const ran = await run(
			'getAll',
			{ userMailboxId: '={{ $json.box }}' },
			{ items, credential: await connected(), ...continues },
		);
		expect(ran.jsons).toEqual([
			expect.objectContaining({ error: expect.stringContaining("check 'Mailbox'") }),
			expect.objectContaining({ id: '1' }),
		]);
	});

	it('meets resets: is asked for again, up to three times', async () => {
		add('1');
		const credential = await connected();
		sandbox.fail({ api: LIST, on: [1, 2], with: { kind: 'reset', when: 'before' } });
		expect((await run('getAll', {}, { credential })).jsons).toHaveLength(1);
		sandbox.fail({ api: LIST, on: [1, 2, 3], with: { kind: 'reset', when: 'before' } });
		expect((await run('getAll', {}, { credential })).error?.message).toMatch(/: run it again later$/);
	});

	it('uses up the quota: waits and goes on', async () => {
		add('1');
		sandbox.setQuota(LIST, { limit: 1, window: 1 });
		const credential = await connected();
		await run('getAll', {}, { credential });
		expect((await run('getAll', {}, { credential })).jsons).toHaveLength(1);
		expect(sandbox.requestsTo(LIST).map(({ code }) => code)).toEqual([0, 99991400, 0]);
	});
});
