import type { IDataObject, INodeParameters } from 'n8n-workflow';

import type { MailAddress, NewMessage } from '../sandbox';
import {
	binary,
	bob,
	carol,
	dave,
	field,
	image,
	file,
	forward,
	me,
	onlySent,
	png,
	receive,
	reply,
} from './answering';
import { connected, continues, engine, locate, run, sandbox, time } from './stage';

const CREATE = 'mail.draft.create';
const SEND = 'mail.draft.send';
const READ = 'mail.message.batchGet';
const LINKS = 'mail.message.attachmentDownloadUrl';
const FILE = 'file.download';

const drafts = () => sandbox.mailbox.messages.filter(({ folder_id }) => folder_id === 'DRAFT');

const addresses = (list: MailAddress[] = []) => list.map(({ mail_address }) => mail_address);

const userWithout = async (...words: string[]) =>
	await connected({
		scopes: [...sandbox.app.userScopes].filter((scope) => !words.some((word) => scope.includes(word))),
	});

afterEach(() => {
	expect(sandbox.tokenLeaks).toEqual([]);
});

it('answers a mail in its conversation', async () => {
	const mail = receive({ references: '<root@example.org>\r\n\t<second@example.org>' });
	const ran = await reply(mail);
	expect(ran.error?.message).toBeUndefined();
	const sent = onlySent();
	expect(ran.jsons).toEqual([
		{
			outcome: 'sent',
			message_id: sent.message_id,
			thread_id: mail.thread_id,
			recall_status: 'available',
			smtp_message_id: expect.stringMatching(/^[0-9a-f]{40}@n8n-nodes-feishu-mail$/),
			from: { ...me, name: 'Sandbox User' },
			to: [bob],
			subject: 'Re: Plan',
		},
	]);
	expect(sent.mail).toMatchObject({
		subject: 'Re: Plan',
		to: [bob],
		cc: [],
		in_reply_to: 'plan@example.org',
		reply_to_message_id: mail.message_id,
		reply_type: 'REPLY',
	});
	expect(field('References')).toBe('<root@example.org> <second@example.org> <plan@example.org>');
	expect(sent.message.thread_id).toBe(mail.thread_id);
	expect([...mail.label_ids]).toContain('-603');
	expect(drafts()).toEqual([]);
	expect(sandbox.requests.flatMap(({ api }) => (api?.startsWith('mail.') ? [api] : []))).toEqual([
		'mail.mailbox.sendAs',
		READ,
		CREATE,
		SEND,
	]);
});

describe('who gets a reply', () => {
	const alias = { mail_address: 'sales@example.com' };
	const cases: Array<[string, NewMessage, { to: string[]; cc: string[] }, { to: string[]; cc: string[] }]> = [
		[
			'of one sender',
			{ to: [me, carol], cc: [dave] },
			{ to: ['bob@example.org'], cc: [] },
			{ to: ['bob@example.org'], cc: ['carol@example.org', 'dave@example.org'] },
		],
		[
			'of a Reply-To list with names and commas',
			{ reply_to: '"Doe, Carol" <carol@example.org>, dave@example.org', cc: [dave] },
			{ to: ['carol@example.org', 'dave@example.org'], cc: [] },
			{ to: ['carol@example.org', 'dave@example.org'], cc: [] },
		],
		[
			'of a Reply-To that is a group',
			{ reply_to: 'Team: carol@example.org, dave@example.org;' },
			{ to: ['carol@example.org', 'dave@example.org'], cc: [] },
			{ to: ['carol@example.org', 'dave@example.org'], cc: [] },
		],
		[
			'to own addresses in any letter case, an alias included',
			{
				to: [{ mail_address: 'User@Example.com' }, alias],
				cc: [{ mail_address: 'SALES@example.com' }, dave],
			},
			{ to: ['bob@example.org'], cc: [] },
			{ to: ['bob@example.org'], cc: ['dave@example.org'] },
		],
		[
			'with an own Reply-To',
			{ reply_to: 'sales@example.com' },
			{ to: ['bob@example.org'], cc: [] },
			{ to: ['bob@example.org'], cc: [] },
		],
		[
			'of oneself to others',
			{ head_from: alias, to: [bob], cc: [carol, me] },
			{ to: ['bob@example.org'], cc: [] },
			{ to: ['bob@example.org'], cc: ['carol@example.org', 'user@example.com'] },
		],
		[
			'of oneself to oneself',
			{ head_from: me, to: [me] },
			{ to: ['user@example.com'], cc: [] },
			{ to: ['user@example.com'], cc: [] },
		],
		[
			'to undisclosed recipients and to what is no address',
			{ to: [{ mail_address: 'undisclosed-recipients:;' }, { mail_address: 'nobody' }, me], cc: [dave] },
			{ to: ['bob@example.org'], cc: [] },
			{ to: ['bob@example.org'], cc: ['dave@example.org'] },
		],
	];

	it.each(cases)('a mail %s', async (_, fields, toSender, toAll) => {
		sandbox.mailbox.aliases.push(alias.mail_address);
		const mail = receive(fields);
		for (const [replyToAll, expected] of [
			[false, toSender],
			[true, toAll],
		] as const) {
			sandbox.sentMails.length = 0;
			const ran = await reply(mail, { replyToAll, options: { idempotencyKey: String(replyToAll) } });
			expect(ran.error?.message).toBeUndefined();
			const { to, cc } = onlySent().mail;
			expect({ to: addresses(to), cc: addresses(cc) }).toEqual(expected);
		}
	});

	it('those that the item names get it as well, nobody twice', async () => {
		const additionalFields = {
			cc: 'BOB@example.org, carol@example.org, frank@example.org',
			bcc: 'dave@example.org, frank@example.org, grace@example.org',
		};
		const ran = await reply(receive({ to: [me, carol] }), { replyToAll: true, additionalFields });
		expect(ran.error?.message).toBeUndefined();
		const { to, cc, bcc } = onlySent().mail;
		expect([to, cc, bcc].map(addresses)).toEqual([
			['bob@example.org'],
			['carol@example.org', 'frank@example.org'],
			['dave@example.org', 'grace@example.org'],
		]);
	});

	it('nobody: an error, and nothing is written', async () => {
		const ran = await reply(receive({ head_from: { mail_address: 'MAILER-DAEMON' } }));
		expect(ran.error?.message).toBe(
			'There is nobody to reply to: the mail has no address that can be written to',
		);
		expect(sandbox.requestsTo(CREATE)).toEqual([]);
	});

	it('more than 500: an error', async () => {
		const to = Array.from({ length: 501 }, (_, index) => ({ mail_address: `p${index}@example.org` }));
		const { error } = await reply(receive({ to }), { replyToAll: true });
		expect(error?.message).toBe('The mail has 502 recipients; Feishu takes at most 500');
	});
});

describe('who writes a reply', () => {
	beforeEach(() => void sandbox.mailbox.aliases.push('sales@example.com'));

	it.each<[string, NewMessage, INodeParameters, string]>([
		[
			'the alias that the mail was written to',
			{ to: [{ mail_address: 'sales@example.com' }] },
			{},
			'sales@example.com',
		],
		['the alias in other letters', { to: [{ mail_address: 'Sales@Example.com' }] }, {}, 'Sales@Example.com'],
		[
			'the address in CC',
			{ to: [bob], cc: [{ mail_address: 'sales@example.com' }] },
			{},
			'sales@example.com',
		],
		[
			'who has written the mail',
			{ head_from: { mail_address: 'sales@example.com' }, to: [bob], cc: [me] },
			{},
			'sales@example.com',
		],
		['the own address, where no own one is named', { to: [carol] }, {}, 'user@example.com'],
		['whom the item names', {}, { from: 'sales@example.com', senderName: 'Sales' }, 'sales@example.com'],
	])('%s', async (_, fields, additionalFields, from) => {
		const ran = await reply(receive(fields), { additionalFields });
		expect(ran.error?.message).toBeUndefined();
		expect(onlySent().mail.head_from?.mail_address).toBe(from);
	});

	it('whom the item names gets no answer, where Feishu does not tell that it is an own address, either', async () => {
		sandbox.fail({ api: 'mail.mailbox.sendAs', with: { code: 1230004, status: 403 } });
		const mail = receive({ to: [me, { mail_address: 'sales@example.com' }], cc: [carol] });
		await reply(mail, { replyToAll: true, additionalFields: { from: 'sales@example.com' } });
		expect(onlySent().recipients).toEqual([bob, carol].map(({ mail_address }) => mail_address));
	});

	it('a public mailbox', async () => {
		const team = sandbox.tenant.addMailbox('team@example.com');
		team.members.add(sandbox.user);
		const { message_id } = team.receive({ head_from: bob, to: [{ mail_address: 'team@example.com' }, me] });
		const ran = await reply(message_id, { userMailboxId: 'team@example.com', replyToAll: true });
		expect(ran.error?.message).toBeUndefined();
		expect(onlySent().mail).toMatchObject({
			head_from: { mail_address: 'team@example.com' },
			to: [bob],
			cc: [me],
		});
		expect(onlySent().mailbox).toBe(team);
	});

	it('a public mailbox by its own address, where the mail was written to another one of it', async () => {
		const team = sandbox.tenant.addMailbox('team@example.com');
		team.members.add(sandbox.user);
		team.aliases.push('help@example.com');
		const { message_id } = team.receive({ head_from: bob, to: [{ mail_address: 'help@example.com' }] });
		await reply(message_id, { userMailboxId: 'team@example.com' });
		expect(onlySent().mail.head_from?.mail_address).toBe('team@example.com');
	});
});

it.each([
	['Plan', 'Re: Plan'],
	['RE: Fwd: re:Plan', 'Re: Plan'],
	['转发：报价', '回复：报价'],
	['', 'Re:'],
	['Plan\r\nBcc: victim@example.org', 'Re: Plan Bcc: victim@example.org'],
])('the subject %j is answered by %j', async (subject, expected) => {
	const ran = await reply(receive({ subject }));
	expect(ran.error?.message).toBeUndefined();
	expect(onlySent().mail.subject).toBe(expected);
	expect(onlySent().recipients).toEqual(['bob@example.org']);
});

describe('what a reply says', () => {
	const texts = async (fields: NewMessage, parameters: INodeParameters) => {
		const ran = await reply(receive(fields), parameters, { timezone: 'Asia/Shanghai' });
		expect(ran.error?.message).toBeUndefined();
		const { body_html, body_plain_text } = onlySent().mail;
		return { body_html, body_plain_text };
	};

	it('HTML above the HTML of the mail, which the clients of Feishu fold', async () => {
		const { body_html, body_plain_text } = await texts({}, {});
		expect(body_html).toMatch(/^<p>Hello<\/p><div class="history-quote-wrapper">/);
		expect(body_html).toContain('<div><p>Shall we?</p></div>');
		expect(body_html).toContain('Date: Tue, 24 Nov 2026 09:02 GMT+8');
		expect(body_plain_text || undefined).toBeUndefined();
	});

	it('HTML above a mail of plain text', async () => {
		const { body_html } = await texts({ body_html: undefined, body_plain_text: 'a < b\nc' }, {});
		expect(body_html).toMatch(/^<p>Hello<\/p>.*<pre[^>]*>a &lt; b\nc<\/pre>/s);
	});

	it('text above the plain text of a mail with HTML', async () => {
		const { body_html, body_plain_text } = await texts({}, { emailType: 'text', message: 'Hello' });
		expect(body_html).toBeUndefined();
		expect(body_plain_text?.trimEnd()).toBe(
			[
				'Hello\n',
				'> From: "Bob Builder" <bob@example.org>',
				'> Date: Tue, 24 Nov 2026 09:02 GMT+8',
				'> Subject: Plan',
				'> To: <user@example.com>',
				'>',
				'> Shall we?',
			].join('\n'),
		);
	});

	it('a mail from China in its words', async () => {
		const { body_html } = await texts({ subject: '报价' }, {});
		expect(body_html).toContain('时间：2026年11月24日 (周二) 09:02');
	});

	it('nothing but the message without a quote', async () => {
		const ran = await reply(receive({ body_html: '<img src="cid:logo">', attachments: [image('logo')] }), {
			options: { quoteOriginal: false },
		});
		expect(ran.jsons[0]).toMatchObject({ outcome: 'sent' });
		expect(onlySent().mail.body_html?.trimEnd()).toBe('<p>Hello</p>');
		expect(onlySent().mail.attachments).toEqual([]);
		expect(sandbox.requestsTo(LINKS)).toEqual([]);
	});

	it('a mail of 1 MB, quoted as it is', async () => {
		const body_html = `<p>${'Zoë 您好 '.repeat(70_000)}</p>`;
		const sent = await texts({ body_html }, {});
		expect(sent.body_html).toContain(body_html);
	});
});

describe('images of the mail', () => {
	const html = '<p><img src="cid:logo@x"> <img src=\'cid:chart\'> <img src="cid:lost"></p>';

	it('are embedded again, by their names', async () => {
		const mail = receive({
			body_html: html,
			attachments: [image('logo@x'), file('a.pdf'), image('<chart>'), image('unused')],
		});
		const ran = await reply(mail);
		expect(ran.error?.message).toBeUndefined();
		const { attachments, body_html } = onlySent().mail;
		expect(attachments.map(({ cid, content, content_type }) => [cid, content_type, content])).toEqual([
			['logo@x', 'image/png', png('logo@x')],
			['chart', 'image/png', png('<chart>')],
		]);
		expect(body_html).toContain(html);
		expect(sandbox.requestsTo(LINKS)).toHaveLength(1);
	});

	it('stand beside those of the answer that have the same names', async () => {
		const mail = receive({
			body_html:
				'<img src="cid:logo"><p style="background: url(cid:logo)">cid:logo</p><img src=cid:a%20b><img src="cid:quoted-1">',
			attachments: [image('logo', png('theirs')), image('a b'), image('quoted-1')],
		});
		const ran = await reply(
			mail,
			{ message: '<img src="cid:logo">', additionalFields: { inlineImages: '={{ $json.logo }}' } },
			{ items: [{ logo: binary('logo', png('ours')) }] },
		);
		expect(ran.error?.message).toBeUndefined();
		const { attachments, body_html } = onlySent().mail;
		expect(attachments.map(({ cid, content }) => [cid, content.toString('latin1')])).toEqual([
			['quoted-2', png('theirs').toString('latin1')],
			['quoted-3', png('a b').toString('latin1')],
			['quoted-1', png('quoted-1').toString('latin1')],
			['logo', png('ours').toString('latin1')],
		]);
		expect(body_html).toContain(
			'<img src="cid:quoted-2"><p style="background: url(cid:quoted-2)">cid:logo</p><img src=cid:quoted-3><img src="cid:quoted-1">',
		);
	});

	it('of one name are one image', async () => {
		await reply(
			receive({ body_html: '<img src="cid:logo">', attachments: [image('logo'), image('logo', png('2'))] }),
		);
		expect(onlySent().mail.attachments.map(({ content }) => content)).toEqual([png('logo')]);
	});

	it('that are too large for a mail stay where they are', async () => {
		const large = { ...image('film'), attachment_type: 2 as const };
		await reply(receive({ body_html: '<img src="cid:film">', attachments: [large] }));
		expect(onlySent().mail.attachments).toEqual([]);
		expect(field('X-Lms-Large-Attachment-Ids')).toBeUndefined();
		expect(sandbox.requestsTo(LINKS)).toEqual([]);
	});

	it('without a name are none', async () => {
		await reply(
			receive({
				body_html: '<img src="cid:"><img src="cid:%20">',
				attachments: [file('a.png', png('a')), image('', png('b'), 'b.png'), image(' ', png('c'), 'c.png')],
			}),
		);
		expect(onlySent().mail.attachments).toEqual([]);
	});

	it('that Feishu does not embed are left out, and a hint says so', async () => {
		const ran = await reply(
			receive({
				body_html: '<img src="cid:logo"><img src="cid:drawing">',
				attachments: [image('drawing', Buffer.from('<svg/>')), image('logo')],
			}),
		);
		expect(ran.jsons[0]).toMatchObject({ outcome: 'sent' });
		expect(onlySent().mail.attachments.map(({ cid }) => cid)).toEqual(['logo']);
		expect(ran.hints.map(({ message }) => message)).toEqual([
			expect.stringMatching(/^Images of a quoted mail .* were left out/),
		]);
	});

	it('are not needed for an answer in plain text', async () => {
		await reply(receive({ body_html: html, attachments: [image('logo@x')] }), { emailType: 'text' });
		expect(onlySent().mail.attachments).toEqual([]);
		expect(sandbox.requestsTo(LINKS)).toEqual([]);
	});

	it('that Feishu gives no link to: an error that names them and the way out, and nothing is written', async () => {
		const mail = receive({ body_html: html, attachments: [image('logo@x')] });
		const { id } = mail.attachments[0]!;
		const data = {
			download_urls: [],
			failed_ids: [id],
			failed_reasons: [{ attachment_id: id, reason: 'virus' }],
		};
		sandbox.fail({ api: LINKS, with: { code: 0, data } });
		const { error } = await reply(mail);
		expect(error?.message).toBe("Feishu gives no link to the attachment 'logo@x.png' of the mail");
		expect(error?.description).toBe(
			"Its reason: virus. To do without, switch off 'Quote Original' under 'Options'.",
		);
		expect(sandbox.requestsTo(CREATE)).toEqual([]);
	});

	it.each([{ download_urls: {} }, { download_urls: [null] }, { failed_reasons: {} }])(
		'for which Feishu gives %j instead of links: an error in words',
		async (data) => {
			sandbox.fail({ api: 'mail.message.attachmentDownloadUrl', with: { code: 0, data } });
			const mail = receive({ body_html: '<img src="cid:logo">', attachments: [image('logo')] });
			const { error } = await reply(mail);
			expect(error?.message).toBe("Feishu gives no link to the attachment 'logo.png' of the mail");
		},
	);

	it('that come in half are fetched again', async () => {
		const content = png('x'.repeat(200_000));
		sandbox.fail({ api: FILE, on: [1, 2], with: { kind: 'truncated', how: 'length' } });
		const ran = await reply(
			receive({ body_html: '<img src="cid:logo">', attachments: [image('logo', content)] }),
		);
		expect(ran.error?.message).toBeUndefined();
		expect(onlySent().mail.attachments[0]!.content.equals(content)).toBe(true);
		expect(sandbox.requestsTo(FILE)).toHaveLength(3);
	});

	it('with blanks where a name might be take no time', async () => {
		const body_html = `<p style="background: url(${' '.repeat(1_000_000)}x)">${'= '.repeat(100_000)}</p>`;
		const begin = performance.now();
		const ran = await reply(receive({ body_html }));
		expect(ran.jsons[0]).toMatchObject({ outcome: 'sent' });
		expect(performance.now() - begin).toBeLessThan(5000);
	});
});

it.each([null, {}, 'none', [null], [{ filename: 5, cid: 5 }]])(
	'a mail whose attachments are %j has none to show',
	async (attachments) => {
		const mail = { message_id: 'odd', subject: 'Plan', head_from: bob, body_plain_text: 'QQ', attachments };
		const data = { messages: [mail] };
		sandbox.fail({ api: 'mail.message.batchGet', with: { code: 0, data } });
		const { error } = await reply('odd');
		expect(error?.message).toBeUndefined();
		expect(onlySent().mail.to).toEqual([bob]);
	},
);

it.each([
	['Reply', 'address', async (id: NewMessage) => await reply(receive(id))],
	['Reply', 'body', async (id: NewMessage) => await reply(receive(id))],
	['Forward', 'body', async (id: NewMessage) => await forward(receive(id))],
] as const)(
	'%s: a permission for %s that was withdrawn since the credential was connected is named',
	async (_, word, answer) => {
		sandbox.app.userScopes.delete(`mail:user_mailbox.message.${word}:read`);
		const { error } = await answer({});
		expect(error?.message).toContain(`mail:user_mailbox.message.${word}:read is missing`);
		expect(sandbox.sentMails).toEqual([]);
	},
);

it('takes what a mail has, too: files, importance, receipt, Reply-To', async () => {
	const ran = await reply(
		receive({ attachments: [file('theirs.pdf')] }),
		{
			additionalFields: {
				attachments: '={{ $json.file }}',
				importance: 'high',
				readReceipt: true,
				replyTo: 'support@example.com',
			},
		},
		{ items: [{ file: binary('ours.txt', 'Ours') }] },
	);
	expect(ran.error?.message).toBeUndefined();
	const { mail } = onlySent();
	expect(mail).toMatchObject({ priority: '1', reply_to: expect.stringContaining('support@example.com') });
	expect(mail.receipt_to).toContain('user@example.com');
	expect(mail.attachments.map(({ filename, content }) => [filename, content.toString()])).toEqual([
		['ours.txt', 'Ours'],
	]);
});

describe('switches by expression', () => {
	const answer = async (options: INodeParameters) =>
		await reply(receive({ body_html: 'Secret' }), { options });

	it.each(['=true', '={{ "True" }}', '={{ 1 }}', '={{ "1" }}', '={{ true }}'])(
		'%s is on: the reply is kept as a draft',
		async (saveAsDraft) => {
			const { jsons } = await answer({ saveAsDraft });
			expect(jsons).toMatchObject([{ outcome: 'savedAsDraft' }]);
			expect(sandbox.sentMails).toHaveLength(0);
		},
	);

	it.each(['={{ "false" }}', '={{ 0 }}', '={{ " FALSE " }}', '={{ false }}'])(
		'%s is off: nothing is quoted',
		async (quoteOriginal) => {
			await answer({ quoteOriginal });
			expect(onlySent().mail.body_html).not.toContain('Secret');
		},
	);

	it.each([
		['={{ $json.missing }}', "'Save as Draft' has no value"],
		['={{ "maybe" }}', "'Save as Draft' must be one of: true, false"],
		['={{ [] }}', "'Save as Draft' must be text, but its value is a list"],
	])('%s is neither: nothing is sent, nor read', async (saveAsDraft, message) => {
		const { error } = await answer({ saveAsDraft });
		expect(error?.message).toContain(message);
		expect(sandbox.requests).toHaveLength(0);
	});

	it('Reply to All, too', async () => {
		const mail = receive({ cc: [carol] });
		await reply(mail, { replyToAll: '={{ "true" }}' });
		expect(onlySent().mail.cc).toEqual([carol]);
	});
});

describe('Save as Draft', () => {
	it('keeps the reply in the conversation', async () => {
		const mail = receive();
		const ran = await reply(mail, { options: { saveAsDraft: true } });
		const [draft] = drafts();
		expect(ran.jsons[0]).toMatchObject({
			outcome: 'savedAsDraft',
			draft_id: draft!.message_id,
			to: [bob],
			subject: 'Re: Plan',
		});
		expect(draft).toMatchObject({ thread_id: mail.thread_id, in_reply_to: 'plan@example.org' });
		expect(draft!.source?.mail).toMatchObject({
			reply_to_message_id: mail.message_id,
			reply_type: 'REPLY',
		});
		expect(sandbox.sentMails).toEqual([]);
		const sending = { userMailboxId: 'me', draftId: locate('id', draft!.message_id) };
		const sent = await run('draft', 'send', sending, { credential: await connected() });
		expect(sent.error).toBeUndefined();
		expect(sent.jsons[0]).toMatchObject({ outcome: 'sent', thread_id: mail.thread_id });
	});

	it('and Send At exclude each other', async () => {
		const { error } = await reply(receive(), {
			additionalFields: { sendAt: '2099-01-01T00:00:00Z' },
			options: { saveAsDraft: true },
		});
		expect(error?.message).toBe("'Save as Draft' and 'Send At' exclude each other: a draft is not sent");
		expect(sandbox.requests).toEqual([]);
	});
});

it('Send At: the reply leaves at its time', async () => {
	const mail = receive();
	const sendAt = new Date(sandbox.clock.now() + 3_600_000).toISOString();
	const ran = await reply(mail, { additionalFields: { sendAt } });
	expect(ran.jsons[0]).toMatchObject({ outcome: 'scheduled', draft_id: expect.any(String) });
	expect(sandbox.sentMails).toEqual([]);
	sandbox.clock.advance(3_700_000);
	expect(onlySent().message.thread_id).toBe(mail.thread_id);
});

it('a reply that Feishu does not send stays a draft, which is named', async () => {
	sandbox.fail({ api: SEND, with: { status: 400, code: 1234008, msg: 'request parameter error' } });
	const { error } = await reply(receive());
	expect(error?.message).toContain('Feishu does not send the draft');
	expect(error?.description).toContain(`among the drafts, with the ID ${drafts()[0]!.message_id}`);
});

describe('a reply leaves once', () => {
	it('where the answer to the sending is lost', async () => {
		sandbox.fail({ api: SEND, with: { kind: 'reset', when: 'after' } });
		const ran = await reply(receive());
		expect(ran.jsons[0]).toMatchObject({ outcome: 'alreadySent', message_id: onlySent().message_id });
	});

	it('where Feishu says of a draft that was not sent that it is gone', async () => {
		sandbox.fail({ api: 'mail.draft.send', with: { kind: 'reset', when: 'before' } });
		sandbox.fail({ api: 'mail.draft.get', with: { code: 1234050, status: 404 } });
		expect((await reply(receive())).jsons).toMatchObject([{ outcome: 'sent' }]);
		expect(onlySent().mail.to).toEqual([bob]);
	});

	it('where the answer is lost, and neither the draft nor the mail is found', async () => {
		sandbox.fail({ api: 'mail.draft.send', with: { kind: 'reset', when: 'after' } });
		sandbox.fail({ api: 'mail.message.list', on: () => true, with: { code: 0, data: { items: [] } } });
		expect((await reply(receive())).jsons).toMatchObject([{ outcome: 'alreadySent' }]);
		expect(onlySent().mail.to).toEqual([bob]);
		expect(sandbox.requestsTo('mail.draft.send')).toHaveLength(2);
	});

	it('where the answer to the draft is lost', async () => {
		sandbox.fail({ api: CREATE, with: { kind: 'reset', when: 'after' } });
		const ran = await reply(receive());
		expect(ran.jsons[0]).toMatchObject({ outcome: 'sent', message_id: onlySent().message_id });
		expect(drafts()).toEqual([]);
	});

	it('by its key, whatever it says', async () => {
		const mail = receive();
		const options = { idempotencyKey: 'ticket-1' };
		const first = await reply(mail, { options });
		const second = await reply(mail, { options, message: 'Else' });
		expect(second.jsons[0]).toMatchObject({
			outcome: 'alreadySent',
			smtp_message_id: first.jsons[0]!.smtp_message_id,
			message_id: onlySent().message_id,
		});
		expect(drafts()).toEqual([]);
	});

	it('where n8n runs the node again, which reads nothing again that is done', async () => {
		const mails = [receive(), receive({ subject: 'Other' })];
		const credential = await connected();
		sandbox.fail({ api: SEND, on: 2, with: { status: 400, code: 1236014, msg: 'content risk' } });
		const ran = await reply(
			'={{ $json.id }}',
			{ messageId: '={{ $json.id }}' },
			{
				credential,
				items: mails.map(({ message_id }) => ({ id: message_id })),
				settings: { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 },
			},
		);
		expect(ran.error?.message).toBeUndefined();
		expect(ran.jsons.map(({ outcome }) => outcome)).toEqual(['alreadySent', 'sent']);
		expect(sandbox.sentMails).toHaveLength(2);
		const read = sandbox
			.requestsTo(READ)
			.map(({ body }) => (body as { message_ids: string[] }).message_ids[0]);
		expect(read).toEqual([mails[0]!.message_id, mails[1]!.message_id, mails[1]!.message_id]);
	});
});

it('after a limit of the mailbox, the other mails are not even read', async () => {
	const items = [receive(), receive(), receive()].map(({ message_id }) => ({ id: message_id }));
	sandbox.fail({ api: SEND, with: { status: 429, code: 1236007, msg: 'daily limit' } });
	const ran = await reply('x', { messageId: '={{ $json.id }}' }, { items, ...continues });
	expect(ran.jsons.map(({ error }) => error)).toEqual(
		Array(3).fill(expect.stringMatching(/^The mailbox has sent as many mails as it may in a day/)),
	);
	expect([READ, SEND].map((api) => sandbox.requestsTo(api as typeof READ).length)).toEqual([1, 1]);
});

it('twenty replies a minute: a hint tells of the quota', async () => {
	sandbox.setDocumentedQuotas();
	const items = Array.from({ length: 25 }, (_, index) => ({
		id: receive({ subject: `No. ${index}`, smtp_message_id: `${index}@example.org` }).message_id,
	}));
	const ran = await reply('x', { messageId: '={{ $json.id }}' }, { items });
	expect(ran.jsons.map(({ subject }) => subject)).toEqual(items.map((_, index) => `Re: No. ${index}`));
	expect(ran.hints[0]?.message).toContain('20 drafts sent a minute');
	expect(time).toBeDefined();
});

describe('permissions', () => {
	it.each([
		['address:read', 'senders and recipients', {}],
		['subject:read', 'subjects', {}],
		['body:read', 'texts and attachments', {}],
		['address:read', 'senders and recipients', { quoteOriginal: false }],
		['subject:read', 'subjects', { quoteOriginal: false }],
	])('without %s, an error says what is hidden', async (scope, part, options) => {
		const mail = receive({ reply_to: 'carol@example.org' });
		const ran = await reply(mail, { options }, { credential: await userWithout(scope) });
		expect(ran.error?.message).toBe(
			`Feishu leaves ${part} out of the mail, which the answer needs: the permission mail:user_mailbox.message.${scope} is missing`,
		);
		expect(ran.error?.description).toContain("Add it under 'Permissions & Scopes'");
		expect(sandbox.requestsTo(CREATE)).toEqual([]);
	});

	it('without the text, a reply without a quote leaves', async () => {
		const mail = receive();
		const credential = await userWithout('body:read');
		const refused = await reply(mail, {}, { credential });
		expect(refused.error?.description).toContain("To do without, switch off 'Quote Original'");
		await reply(mail, { options: { quoteOriginal: false } }, { credential });
		expect(onlySent().mail.body_html?.trimEnd()).toBe('<p>Hello</p>');
	});

	it('an app cannot reply: refused without a request', async () => {
		const { message_id } = receive();
		for (const operation of ['reply', 'forward']) {
			const ran = await run('message', operation, { messageId: message_id, to: 'a@example.org' });
			expect(ran.error?.message).toContain('OAuth2');
		}
		expect(sandbox.requests).toEqual([]);
	});
});

describe('a mail that is not there', () => {
	it.each(['refuse', 'leaveOut'] as const)('(unknown ids: %s)', async (unknownIds) => {
		sandbox.mailChoices.unknownIds = unknownIds;
		const id = sandbox.mailbox.receive({}).message_id;
		sandbox.mailbox.messages.length = 0;
		for (const [answer, label] of [
			[reply, 'Message to Reply To'],
			[forward, 'Message to Forward'],
		] as const) {
			const { error } = await answer(id);
			expect(error?.message).toBe(`'${label}': the mailbox has no mail '${id}'`);
		}
	});
});

it.each<[string, IDataObject]>([
	['CR and LF in the id of the mail', { smtp_message_id: 'a@b>\r\nBcc: <victim@example.org' }],
	['CR and LF in the references', { references: '<a@b>\r\nBcc: victim@example.org' }],
	['CR and LF in the Reply-To', { reply_to: 'carol@example.org\r\nBcc: victim@example.org' }],
	[
		'CR and LF in a name',
		{ head_from: { mail_address: 'bob@example.org', name: 'B\r\nBcc: victim@example.org' } },
	],
	[
		'a file name',
		{
			body_html: '<img src="cid:x">',
			attachments: [image('x', png('x'), 'x"\r\nBcc: victim@example.org\r\n\r\nx')],
		},
	],
	[
		'a cid',
		{
			body_html: '<img src="cid:x\r\nBcc: victim@example.org">',
			attachments: [image('x\r\nBcc: victim@example.org')],
		},
	],
])('a hostile mail adds no header: %s', async (_, fields) => {
	const ran = await reply(receive(fields as NewMessage), { replyToAll: true });
	const [sent] = sandbox.sentMails;
	expect(ran.error?.message).toBeUndefined();
	expect(sent!.mail.bcc).toEqual([]);
	expect(sent!.eml).not.toMatch(/^Bcc:/im);
});

it('message: send is as it was: at once, without a conversation', async () => {
	const ran = await engine.run({
		parameters: {
			resource: 'message',
			operation: 'send',
			userMailboxId: 'me',
			to: 'bob@example.org',
			subject: 'Plan',
			message: 'Hello',
		},
		credential: await connected(),
	});
	expect(ran.jsons[0]).toMatchObject({ outcome: 'sent' });
	expect(field('X-LMS-Reply-Type')).toBeUndefined();
	expect(sandbox.requestsTo(CREATE)).toEqual([]);
});
