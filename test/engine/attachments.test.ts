/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs on Node, not inside n8n */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { IBinaryData, IDataObject, INodeParameters } from 'n8n-workflow';

import { safeName } from '../../nodes/FeishuMail/actions/message/files';
import { newMailId, type Attachment, type Fault, type Message } from '../sandbox';
import { contentOf, keepFilesIn, type Run, type RunOptions } from './engine';
import { appWithout, connected, continues, locate, onRequest, run, sandbox, time } from './stage';
import { until } from './until';

const LINKS = 'mail.message.attachmentDownloadUrl';
const FILE = 'file.download';
const GET = 'mail.message.batchGet';

type File = Partial<Attachment> & Pick<Attachment, 'filename' | 'content'>;

const file = (filename: string, content: string | Buffer = `Content of ${filename}`): File => ({
	filename,
	content: Buffer.from(content),
});

const receive = (...attachments: File[]): Message => sandbox.mailbox.receive({ attachments });

const download = async (
	mail: Message | string,
	parameters: INodeParameters = {},
	options: Partial<RunOptions> = {},
): Promise<Run> =>
	await run(
		'attachment',
		'download',
		{ messageId: locate('id', typeof mail === 'string' ? mail : mail.message_id), ...parameters },
		options,
	);

/** What the files of an item hold, by their fields. */
const contents = async ({ outputs }: Run, item = 0): Promise<Record<string, string>> =>
	Object.fromEntries(
		await Promise.all(
			Object.entries(outputs[0]![item]!.binary ?? {}).map(async ([field, data]) => [
				field,
				(await contentOf(data)).toString(),
			]),
		),
	) as Record<string, string>;

const files = ({ outputs }: Run, item = 0): IBinaryData[] => Object.values(outputs[0]![item]!.binary ?? {});

const linkTo = (download_url: string, { attachments }: Message): Fault => ({
	code: 0,
	data: { download_urls: attachments.map(({ id }) => ({ attachment_id: id, download_url })), failed_ids: [] },
});

beforeAll(async () => await keepFilesIn('memory'));

afterEach(() => {
	// Whoever a link leads to must not get a token.
	expect(sandbox.tokenLeaks).toEqual([]);
	for (const { headers } of sandbox.requestsTo(FILE)) expect(headers.authorization).toBeUndefined();
});

describe.each([
	['an app', async () => ({})],
	['a user', async () => ({ credential: await connected() })],
] as const)('%s', (_, who) => {
	it('lists the attachments of a mail, one item each', async () => {
		const mail = receive(file('a.pdf'), { ...file('logo.png'), cid: 'logo' });
		const [a, logo] = mail.attachments;
		const ran = await run('attachment', 'getAll', { messageId: mail.message_id }, await who());
		expect(ran.jsons).toEqual([
			{ message_id: mail.message_id, id: a!.id, filename: 'a.pdf', attachment_type: 1, is_inline: false },
			{
				message_id: mail.message_id,
				id: logo!.id,
				filename: 'logo.png',
				attachment_type: 1,
				is_inline: true,
				cid: 'logo',
			},
		]);
		expect(ran.outputs[0]!.every(({ binary }) => binary === undefined)).toBe(true);
	});

	it('downloads them into binary fields', async () => {
		const mail = receive(file('a.pdf'), file('报价.xlsx', Buffer.from([0, 255, 10, 13])));
		const ran = await download(mail, {}, await who());
		expect(ran.error?.message).toBeUndefined();
		expect(ran.jsons).toEqual([
			{
				message_id: mail.message_id,
				attachments: mail.attachments.map(({ id, filename }, index) => ({
					id,
					filename,
					attachment_type: 1,
					is_inline: false,
					binary_field: `attachment_${index}`,
				})),
			},
		]);
		expect(files(ran)).toMatchObject([
			{ fileName: 'a.pdf', mimeType: 'application/pdf', fileExtension: 'pdf' },
			{
				fileName: '报价.xlsx',
				mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
			},
		]);
		expect(await contentOf(files(ran)[1]!)).toEqual(Buffer.from([0, 255, 10, 13]));
		expect(sandbox.requestsTo(LINKS).map(({ query }) => query)).toEqual([
			{ attachment_ids: mail.attachments.map(({ id }) => id) },
		]);
	});
});

describe.each(['memory', 'filesystem'] as const)('files that n8n keeps in the %s', (place) => {
	beforeAll(async () => await keepFilesIn(place));
	afterAll(async () => await keepFilesIn('memory'));

	it('three items with two attachments each', async () => {
		const mails = [0, 1, 2].map((number) => receive(file(`${number}a.txt`), file(`${number}b.txt`)));
		const items = mails.map(({ message_id }) => ({ id: message_id }));
		const ran = await download('={{ $json.id }}', {}, { items });
		expect(ran.outputs[0]!.map(({ pairedItem }) => pairedItem)).toEqual([0, 1, 2].map((item) => ({ item })));
		for (const [item] of mails.entries()) {
			expect(await contents(ran, item)).toEqual({
				attachment_0: `Content of ${item}a.txt`,
				attachment_1: `Content of ${item}b.txt`,
			});
		}
		expect(files(ran).map(({ id, data }) => [id !== undefined, data.startsWith('filesystem')])).toEqual(
			Array(2).fill(place === 'memory' ? [false, false] : [true, true]),
		);
		expect([sandbox.requestsTo(GET).length, sandbox.requestsTo(LINKS).length]).toEqual([1, 3]);
	});

	it('a file of several megabytes, an empty one', async () => {
		const big = Buffer.alloc(5_000_000, 'Feishu');
		const ran = await download(receive(file('big.bin', big), file('empty.txt', '')));
		expect((await contentOf(files(ran)[0]!)).equals(big)).toBe(true);
		expect(await contentOf(files(ran)[1]!)).toEqual(Buffer.alloc(0));
	});

	it.each<[string, Fault]>([
		['is cut off', { kind: 'truncated', how: 'length' }],
		['is reset', { kind: 'reset', when: 'after' }],
		['is answered with HTTP 500', { kind: 'html', status: 500 }],
		['has no content', { status: 204, body: '' }],
		['is a part of it', { status: 206, body: 'Feishu' }],
	])('a download that %s is tried again by a new link, and half of it is not kept', async (_, fault) => {
		const big = 'Feishu'.repeat(100_000);
		const mail = receive(file('big.bin', big), file('b.txt'));
		sandbox.fail({ api: FILE, on: [1, 2], with: fault });
		const ran = await download(mail);
		expect(ran.error?.message).toBeUndefined();
		expect(await contents(ran)).toEqual({ attachment_0: big, attachment_1: 'Content of b.txt' });
		const [first, second] = mail.attachments;
		expect(sandbox.requestsTo(LINKS).map(({ query }) => query.attachment_ids)).toEqual([
			[first!.id, second!.id],
			first!.id,
			first!.id,
		]);
		const links = sandbox.requestsTo(FILE).map(({ query }) => query.code);
		expect(new Set(links).size).toBe(4);
	});

	it('are asked for as they are: half of what is compressed cannot be told from the whole', async () => {
		await download(receive(file('a.txt')));
		expect(sandbox.requestsTo(FILE).map(({ headers }) => headers['accept-encoding'])).toEqual(['identity']);
	});

	it('a download that is cut off three times fails in words, and half of it is nowhere', async () => {
		const mail = receive(file('big.bin', 'Feishu'.repeat(100_000)));
		sandbox.fail({ api: FILE, on: () => true, with: { kind: 'truncated', how: 'length' } });
		const ran = await download(mail, {}, continues);
		expect(ran.outputs[0]![0]!.binary).toBeUndefined();
		expect(ran.jsons[0]).toMatchObject({
			error: "The attachment 'big.bin' could not be downloaded: run it again later",
			details: { description: expect.stringMatching(/^The (answer was cut off|connection was closed)/) },
		});
		expect(sandbox.requestsTo(FILE)).toHaveLength(3);
		expect(ran.record).not.toContain('FeishuFeishu');
	});
});

describe('links', () => {
	it('of more than twenty attachments take two calls', async () => {
		const mail = receive(...Array.from({ length: 25 }, (_, index) => file(`${index}.txt`)));
		const ran = await download(mail);
		const all = await contents(ran);
		expect(Object.keys(all)).toHaveLength(25);
		expect([all.attachment_0, all.attachment_24]).toEqual(['Content of 0.txt', 'Content of 24.txt']);
		expect(sandbox.requestsTo(LINKS).map(({ query }) => [query.attachment_ids].flat().length)).toEqual([
			20, 5,
		]);
	});

	it('wait for their quota of one a second', async () => {
		sandbox.setDocumentedQuotas();
		const items = Array.from({ length: 8 }, () => ({ id: receive(file('a.txt')).message_id }));
		const ran = await download('={{ $json.id }}', {}, { items });
		expect(ran.jsons).toHaveLength(8);
		expect(ran.hints.map(({ message }) => message)).toEqual([
			expect.stringContaining("for Feishu's quota of 1 download a second"),
		]);
	});

	it('that have been used up are replaced', async () => {
		const mail = receive(file('a.txt'));
		onRequest(FILE, 1, () => {});
		sandbox.fail({ api: FILE, on: [1, 2], with: { status: 403, body: 'used up' } });
		expect(await contents(await download(mail))).toEqual({ attachment_0: 'Content of a.txt' });
	});

	it('that have expired while other files were fetched are replaced', async () => {
		const mail = receive(file('a.txt'), file('b.txt'));
		onRequest(FILE, 1, () => sandbox.clock.advance(3 * 3_600_000));
		expect(await contents(await download(mail))).toEqual({
			attachment_0: 'Content of a.txt',
			attachment_1: 'Content of b.txt',
		});
	});

	it('are used twice for an attachment that is chosen twice, and replaced after that', async () => {
		const mail = receive(file('a.txt'));
		const [{ id } = { id: '' }] = mail.attachments;
		const ran = await download(mail, { attachmentIds: `${id},${id}, ${id}` });
		expect(await contents(ran)).toEqual({
			attachment_0: 'Content of a.txt',
			attachment_1: 'Content of a.txt',
			attachment_2: 'Content of a.txt',
		});
	});

	it.each(['path', 'host'] as const)('that redirect to another %s are followed', async (redirects) => {
		sandbox.mailChoices.redirects = redirects;
		expect(await contents(await download(receive(file('a.txt'))))).toEqual({
			attachment_0: 'Content of a.txt',
		});
		expect(sandbox.requestsTo(FILE)).toHaveLength(2);
	});

	it('that redirect in a circle are given up', async () => {
		sandbox.mailChoices.redirects = 'loop';
		const { error } = await download(receive(file('a.txt')));
		expect(error?.message).toBe(
			"The attachment 'a.txt' was not downloaded: the link to it leads from one address to the next",
		);
		expect(sandbox.requestsTo(FILE)).toHaveLength(6);
	});

	it.each([
		'http://example.com/file',
		'ftp://example.com/file',
		'file:///etc/passwd',
		'//example.com/file',
		'http://127.0.0.1.example.com/file',
		'http://user@example.com:80@127.0.0.1.nip.io/',
		'javascript:alert(1)',
	])('that redirect to %s are not followed', async (Location) => {
		sandbox.fail({ api: FILE, with: { status: 302, headers: { Location }, body: '' } });
		const { error } = await download(receive(file('a.txt')));
		expect(error?.message).toBe(
			"The attachment 'a.txt' was not downloaded: the link to it does not start with https://",
		);
		expect(sandbox.requestsTo(FILE)).toHaveLength(1);
	});

	it.each(['http://example.com/file', 'file:///etc/passwd', 'no link', '/etc/passwd'])(
		'to %j are not opened',
		async (link) => {
			const mail = receive(file('a.txt'));
			sandbox.fail({ api: LINKS, with: linkTo(link, mail) });
			const { error } = await download(mail);
			expect(error?.message).toContain('the link to it does not start with https://');
		},
	);

	it('that redirect without saying where to fail', async () => {
		sandbox.fail({ api: FILE, on: () => true, with: { status: 302, body: '' } });
		const { error } = await download(receive(file('a.txt')));
		expect(error?.description).toContain('The server answers HTTP 302.');
	});

	it('are in no error, hint or output', async () => {
		const mail = receive(file('a.txt'), file('b.txt'));
		sandbox.fail({ api: FILE, on: (n) => n > 1, with: { status: 403, body: 'no' } });
		const failed = await download(mail);
		expect(failed.error?.message).toContain("The attachment 'b.txt' could not be downloaded");
		expect(failed.error?.description).toContain('The server answers HTTP 403.');
		sandbox.clearFaults();
		const done = await download(mail);
		for (const { query } of sandbox.requestsTo(FILE)) {
			expect(failed.record).not.toContain(String(query.code));
			expect(done.record).not.toContain(String(query.code));
		}
	});

	it.each<[string, IDataObject, string]>([
		['with a reason', { failed_reasons: [{ reason: 'blocked by DLP' }] }, 'Its reason: blocked by DLP.'],
		['without one', {}, 'It may have been deleted, or Feishu holds it back as unsafe.'],
	])('that Feishu does not give, %s, fail the item and not the others', async (_, answer, words) => {
		const [bad, good] = [receive(file('bad.exe'), file('b.txt')), receive(file('a.txt'))];
		const [{ id } = { id: '' }] = bad.attachments;
		const failed_reasons = (answer.failed_reasons as IDataObject[] | undefined)?.map((reason) => ({
			attachment_id: id,
			...reason,
		}));
		sandbox.fail({
			api: LINKS,
			with: { code: 0, data: { download_urls: [], failed_ids: [id], failed_reasons } },
		});
		const items = [bad, good].map(({ message_id }) => ({ id: message_id }));
		const ran = await download('={{ $json.id }}', {}, { items, ...continues });
		expect(ran.jsons[0]).toMatchObject({
			error: "Feishu gives no link to the attachment 'bad.exe' of the mail",
			details: { description: words },
		});
		expect(await contents(ran, 1)).toEqual({ attachment_0: 'Content of a.txt' });
		expect(sandbox.requestsTo(LINKS)).toHaveLength(2);
	});

	it('of a mail that is deleted meanwhile are told in words', async () => {
		const mail = receive(file('a.txt'));
		onRequest(LINKS, 1, () => sandbox.mailbox.messages.splice(0));
		expect((await download(mail)).error?.message).toContain('The mailbox has no such mail');
	});

	it.each(['leaves out', 'gives as null'])('need the permission for what Feishu %s', async (how) => {
		const mail = receive(file('a.txt'));
		const hidden = { message_id: mail.message_id, body_plain_text: null, attachments: null };
		if (how === 'gives as null') {
			sandbox.fail({ api: GET, on: () => true, with: { code: 0, data: { messages: [hidden] } } });
		}
		for (const operation of ['download', 'getAll']) {
			const { error } = await run(
				'attachment',
				operation,
				{ messageId: mail.message_id },
				{ credential: await appWithout('body:read') },
			);
			expect(error?.message).toBe(
				"Feishu does not show the attachments of mails: give the app the permission 'mail:user_mailbox.message.body:read'",
			);
		}
		expect(sandbox.requestsTo(LINKS)).toEqual([]);
	});
});

it('downloads with a timeout that is no whole number of milliseconds', async () => {
	const ran = await download(receive(file('a.txt', 'A')), { options: { timeout: 30.00001 } });
	expect(await contents(ran)).toEqual({ attachment_0: 'A' });
});

describe('a server of files that stands still', () => {
	/** Sends half a file, and then nothing more. */
	const stalling = async (whole: () => boolean) => {
		const server = createServer((_, response) => {
			response.writeHead(200, { 'Content-Length': 10 });
			if (whole()) response.end('0123456789');
			else response.write('01234');
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		const { port } = server.address() as AddressInfo;
		return {
			link: `http://127.0.0.1:${port}/file`,
			close: () => {
				server.closeAllConnections();
				server.close();
			},
		};
	};

	it('in the middle of a file is asked again once the timeout is over', async () => {
		let asked = 0;
		const { link, close } = await stalling(() => ++asked === 3);
		const mail = receive(file('a.txt'));
		sandbox.fail({ api: LINKS, on: () => true, with: linkTo(link, mail) });
		const ran = await download(mail, { options: { timeout: 0.3 } }).finally(close);
		expect(await contents(ran)).toEqual({ attachment_0: '0123456789' });
	});

	it('three times over is told in words', async () => {
		const { link, close } = await stalling(() => false);
		const mail = receive(file('a.txt'));
		sandbox.fail({ api: LINKS, on: () => true, with: linkTo(link, mail) });
		const { error } = await download(mail, { options: { timeout: 0.2 } }).finally(close);
		expect(error?.message).toBe("The attachment 'a.txt' could not be downloaded: run it again later");
		expect(error?.description).toContain('The server stopped in the middle of it.');
	});

	it('ends at once when the execution is cancelled', async () => {
		let asked = 0;
		const { link, close } = await stalling(() => ++asked > 1e9);
		const mail = receive(file('a.txt'));
		sandbox.fail({ api: LINKS, on: () => true, with: linkTo(link, mail) });
		let cancel = () => {};
		const running = download(mail, {}, { started: (execution) => (cancel = () => execution.cancel()) });
		await until(() => asked > 0);
		cancel();
		expect((await running.finally(close)).status).toBe('canceled');
	});
});

describe('names of files', () => {
	it.each<[string, string]>([
		['../../etc/passwd', '_.._etc_passwd'],
		['..\\..\\boot.ini', '_.._boot.ini'],
		['C:\\Windows\\a.exe', 'C__Windows_a.exe'],
		['/etc/passwd', '_etc_passwd'],
		['a\0b\r\nc.txt', 'a_b__c.txt'],
		['invoice\u202Efdp.exe', 'invoice_fdp.exe'],
		['zero\u200Bwidth\uFEFF.txt', 'zero_width_.txt'],
		['', 'attachment'],
		['   ', 'attachment'],
		['...', 'attachment'],
		['.bashrc', 'bashrc'],
		['a.txt.', 'a.txt'],
		['a?b*c|d<e>f".txt', 'a_b_c_d_e_f_.txt'],
		['CON', '_CON'],
		['nul.txt', '_nul.txt'],
		['com1.tar.gz', '_com1.tar.gz'],
		['console.txt', 'console.txt'],
		['报价 (最终版).pdf', '报价 (最终版).pdf'],
		['👩‍💻.txt', '👩_💻.txt'],
		['caf\u0065\u0301.txt', 'caf\u0065\u0301.txt'],
		['50%.txt', '50%.txt'],
		['#a&b=c+d;e.txt', '#a&b=c+d;e.txt'],
	])('%j is %j', async (filename, expected) => {
		const ran = await download(receive(file(filename, 'x')));
		expect(ran.error?.message).toBeUndefined();
		expect(files(ran)[0]).toMatchObject({ fileName: expected });
		expect(files(ran)[0]).not.toHaveProperty('directory');
		expect((ran.jsons[0]!.attachments as IDataObject[])[0]!.filename).toBe(filename);
	});

	it.each(['a', '报', '😀', 'e\u0301'])('a very long one of %s is cut, and keeps its end', async (letter) => {
		const ran = await download(receive(file(`${letter.repeat(300)}.pdf`, 'x')));
		const { fileName = '', mimeType } = files(ran)[0]!;
		expect(fileName).toMatch(/^.+\.pdf$/u);
		expect(Buffer.byteLength(fileName)).toBeLessThanOrEqual(255);
		expect(Buffer.byteLength(fileName)).toBeGreaterThan(150);
		expect(fileName).not.toContain('\uFFFD');
		expect(mimeType).toBe('application/pdf');
	});

	it('one with as many blanks as a mail can hold takes no time', () => {
		const from = performance.now();
		expect(safeName(`a${' '.repeat(200_000)}b.pdf`)).toMatch(/^a +\.pdf$/);
		expect(performance.now() - from).toBeLessThan(500);
	});

	it('a mail that does not tell one gives a file all the same', async () => {
		const mail = receive(file('a.txt'));
		const [{ id } = { id: '' }] = mail.attachments;
		sandbox.fail({
			api: GET,
			with: { code: 0, data: { messages: [{ message_id: mail.message_id, attachments: [{ id }] }] } },
		});
		expect(files(await download(mail))[0]).toMatchObject({ fileName: 'attachment' });
	});
});

describe('attachments are chosen', () => {
	const three = () => receive(file('a.txt'), file('b.txt'), file('c.txt'));

	it.each<[string, (ids: string[]) => unknown, string[]]>([
		['all where none is said', () => '', ['a', 'b', 'c']],
		['all by an expression that gives nothing', () => '={{ null }}', ['a', 'b', 'c']],
		['one', ([, b]) => b, ['b']],
		['several in a text', ([a, , c]) => ` ${c}, ,${a} `, ['c', 'a']],
		['a list', ([a, b]) => `={{ ${JSON.stringify([b, a])} }}`, ['b', 'a']],
	])('%s', async (_, attachmentIds, expected) => {
		const mail = three();
		const ran = await download(mail, {
			attachmentIds: attachmentIds(mail.attachments.map(({ id }) => id)) as string,
		});
		expect(Object.values(await contents(ran))).toEqual(expected.map((name) => `Content of ${name}.txt`));
	});

	it('one that the mail does not have is refused in words', async () => {
		const mail = three();
		const { error } = await download(mail, { attachmentIds: `${mail.attachments[0]!.id}, ${newMailId()}` });
		expect(error?.message).toMatch(/^'Attachment IDs': the mail has no attachment '/);
		expect(sandbox.requestsTo(LINKS)).toEqual([]);
	});

	it('with names of binary fields of one’s own', async () => {
		const ran = await download(three(), { options: { attachmentsPrefix: 'file' } });
		expect(Object.keys(ran.outputs[0]![0]!.binary!)).toEqual(['file0', 'file1', 'file2']);
		expect((ran.jsons[0]!.attachments as IDataObject[])[2]!.binary_field).toBe('file2');
	});

	it('of a mail without any: the item comes without files, and no link is asked for', async () => {
		const mail = receive();
		const ran = await download(mail);
		expect(ran.jsons).toEqual([{ message_id: mail.message_id, attachments: [] }]);
		expect(ran.outputs[0]![0]!.binary).toBeUndefined();
		expect(sandbox.requestsTo(LINKS)).toEqual([]);
		expect((await run('attachment', 'getAll', { messageId: mail.message_id })).jsons).toEqual([]);
	});

	it('too large ones stay in the cloud, and a hint says so; chosen by ID they fail', async () => {
		const mail = receive(file('a.txt'), { ...file('huge.zip'), attachment_type: 2 });
		const ran = await download(mail);
		expect(await contents(ran)).toEqual({ attachment_0: 'Content of a.txt' });
		expect(ran.hints.map(({ message }) => message)).toEqual([
			expect.stringContaining('too large for a mail are not downloaded'),
		]);
		const { error } = await download(mail, { attachmentIds: mail.attachments[1]!.id });
		expect(error?.message).toBe("Feishu gives no link to the attachment 'huge.zip' of the mail");
	});

	it('of a mail that is not there are refused', async () => {
		for (const operation of ['download', 'getAll']) {
			const { error } = await run('attachment', operation, { messageId: 'nobody' });
			expect(error?.message).toContain('The mailbox has no such mail');
		}
	});
});

describe('Download Attachments', () => {
	const options = { downloadAttachments: true };

	it('of Get, Get Many and Search puts the files to the mails', async () => {
		const mails = [receive(file('a.txt'), file('b.txt')), receive(), receive(file('c.txt'))];
		const items = mails.map(({ message_id }) => ({ id: message_id }));
		const credential = await connected();
		const runs = [
			await run('message', 'get', { messageId: '={{ $json.id }}', options }, { items, credential }),
			await run('message', 'getAll', { options }, { credential }),
			await run('message', 'search', { query: 'text', options }, { credential }),
		];
		for (const ran of runs) {
			expect(ran.error?.message).toBeUndefined();
			const bySubject = new Map(ran.jsons.map(({ subject }, index) => [subject, index]));
			const of = async (number: number) => await contents(ran, bySubject.get(`Mail ${number}`));
			expect(await of(1)).toEqual({ attachment_0: 'Content of a.txt', attachment_1: 'Content of b.txt' });
			expect(ran.outputs[0]![bySubject.get('Mail 2')!]!.binary).toBeUndefined();
			expect(await of(3)).toEqual({ attachment_0: 'Content of c.txt' });
			expect(ran.jsons[bySubject.get('Mail 1')!]!.attachments).toMatchObject([
				{ filename: 'a.txt', binary_field: 'attachment_0' },
				{ filename: 'b.txt', binary_field: 'attachment_1' },
			]);
		}
	});

	it('leaves out large ones with a hint, and uses the prefix', async () => {
		receive({ ...file('huge.zip'), attachment_type: 2 }, file('a.txt'));
		const ran = await run('message', 'getAll', { options: { ...options, attachmentsPrefix: 'f_' } });
		expect(await contents(ran)).toEqual({ f_0: 'Content of a.txt' });
		expect(ran.jsons[0]!.attachments).toMatchObject([
			{ filename: 'a.txt', binary_field: 'f_0' },
			{ filename: 'huge.zip' },
		]);
		expect(ran.hints).toHaveLength(1);
	});

	it('is off unless it is set: no link is asked for', async () => {
		receive(file('a.txt'));
		await run('message', 'getAll');
		expect(sandbox.requestsTo(LINKS)).toEqual([]);
	});

	it('without the permission gives the mails with a hint', async () => {
		receive(file('a.txt'));
		const ran = await run('message', 'getAll', { options }, { credential: await appWithout('body:read') });
		expect(ran.jsons).toHaveLength(1);
		expect(ran.hints[0]!.message).toContain('mail:user_mailbox.message.body:read');
	});
});

it('a failure starts no further download, unless failed items may continue', async () => {
	const items = [0, 1, 2, 3].map((number) => ({ id: receive(file(`${number}.txt`)).message_id }));
	const all = async (options: Partial<RunOptions> = {}) => {
		sandbox.fail({ api: LINKS, on: 2, with: { code: 1230002 } });
		return await run('attachment', 'download', { messageId: '={{ $json.id }}' }, { items, ...options });
	};
	const { error } = await all();
	expect(error?.context.itemIndex).toBe(1);
	expect(error?.description).toContain('1 of 4 items were done.');
	expect(sandbox.requestsTo(LINKS)).toHaveLength(2);
	sandbox.clearFaults();
	const { jsons } = await all(continues);
	expect(jsons.map((json) => 'error' in json)).toEqual([false, true, false, false]);
});

it('one file is fetched at a time in a run', async () => {
	sandbox.latency = 5;
	let most = 0;
	sandbox.fail({
		api: FILE,
		on: () => {
			const underWay = sandbox.requestsTo(FILE).filter(({ status }) => status === undefined).length;
			most = Math.max(most, underWay);
			return false;
		},
		with: {},
	});
	const items = Array.from({ length: 6 }, () => ({ id: receive(file('a.txt'), file('b.txt')).message_id }));
	expect((await download('={{ $json.id }}', {}, { items })).jsons).toHaveLength(6);
	expect([sandbox.requestsTo(FILE).length, most]).toEqual([12, 1]);
	expect(time.waits).toEqual([]);
});
