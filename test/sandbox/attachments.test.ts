import axios from 'axios';
import type { AxiosInstance } from 'axios';

import { Sandbox } from './index';
import type { Attachment, Message, NewMessage } from './index';
import { connect, dataOf, mailboxPath, outcome, signIn } from './client';

let sandbox: Sandbox;
let client: AxiosInstance;

beforeEach(async () => {
	sandbox = await Sandbox.start({ clock: { now: () => 1_700_000_000_000 } });
	client = await signIn(sandbox);
});
afterEach(async () => await sandbox.close());

interface Links {
	download_urls: Array<{ attachment_id: string; download_url: string }>;
	failed_ids: string[];
	failed_reasons: Array<{ attachment_id: string; reason: string }>;
}

const receive = (...attachments: NonNullable<NewMessage['attachments']>) =>
	sandbox.mailbox.receive({ attachments });
const pathOf = ({ message_id }: Message) =>
	mailboxPath('messages', 'user@example.com', message_id, 'attachments/download_url');
const ask = async (message: Message, ids: string[]) => {
	const query = ids.map((id) => `attachment_ids=${encodeURIComponent(id)}`).join('&');
	return await client.get(`${pathOf(message)}?${query}`);
};
const bytes = Buffer.from([0, 255, 10, 13]);
const pdf = { filename: '报价 1.pdf', content: bytes };

/** A link to a file of a new mail. */
const link = async (file: NonNullable<NewMessage['attachments']>[number] = pdf) => {
	const message = receive(file);
	const { download_urls: links } = dataOf<Links>(await ask(message, [message.attachments[0]?.id ?? '']));
	return String(links[0]?.download_url);
};
const load = async (url: string, headers = {}) =>
	await connect(sandbox).get<Buffer>(url, { responseType: 'arraybuffer', headers });

describe('attachment download url', () => {
	it('gives a link for each file, and says why it gives none', async () => {
		const message = receive(pdf, { filename: 'big.zip', content: bytes, attachment_type: 2 }, pdf);
		const [one, big, other] = message.attachments as [Attachment, Attachment, Attachment];
		const answer = await ask(message, [one.id, big.id, 'x', other.id]);
		const { download_urls: links, failed_ids, failed_reasons } = dataOf<Links>(answer);
		expect(links.map(({ attachment_id }) => attachment_id)).toEqual([one.id, other.id]);
		expect(failed_ids).toEqual([big.id, 'x']);
		expect(failed_reasons).toEqual([
			{ attachment_id: big.id, reason: expect.any(String) as string },
			{ attachment_id: 'x', reason: 'attachment not found' },
		]);
	});

	it('refuses 0 and 21 files, and an unknown mail', async () => {
		const message = receive(pdf);
		expect(outcome(await ask(message, []))).toEqual([400, 1230001]);
		expect(outcome(await ask(message, Array<string>(21).fill('x')))).toEqual([400, 1230001]);
		expect(outcome(await ask({ ...message, message_id: 'x' }, ['x']))).toEqual([400, 1230001]);
	});

	it('has no link to a file of another mail', async () => {
		const [file] = receive(pdf).attachments as [Attachment];
		expect(dataOf<Links>(await ask(receive(pdf), [file.id])).failed_ids).toEqual([file.id]);
	});
});

describe('a link to a file', () => {
	it('gives the bytes without a token, and not their type', async () => {
		const url = await link();
		expect(url).toMatch(/\?code=./);
		const { status, data, headers } = await load(url);
		expect([status, data]).toEqual([200, bytes]);
		expect(headers).toMatchObject({
			'content-type': 'application/octet-stream',
			'content-length': '4',
			'content-disposition': "attachment; filename*=UTF-8''%E6%8A%A5%E4%BB%B7%201.pdf",
		});
		expect(sandbox.requests.at(-1)).toMatchObject({ api: 'file.download', status: 200, executed: true });
	});

	it('makes the bytes when they are asked for', async () => {
		let made = 0;
		const content = () => {
			made += 1;
			return bytes;
		};
		const url = await link({ filename: 'a.bin', content });
		expect(made).toBe(0);
		expect((await load(url)).data).toEqual(bytes);
		expect(made).toBe(1);
	});

	it('works twice', async () => {
		const url = await link();
		const statuses = [await load(url), await load(url), await load(url)].map(({ status }) => status);
		expect(statuses).toEqual([200, 200, 403]);
	});

	it('works for two hours', async () => {
		const url = await link();
		sandbox.clock.advance(2 * 60 * 60 * 1000 - 1);
		expect((await load(url)).status).toBe(200);
		sandbox.clock.advance(1);
		expect((await load(url)).status).toBe(403);
	});

	it('works for its code only', async () => {
		const url = new URL(await link());
		url.searchParams.set('code', 'x');
		expect((await load(url.href)).status).toBe(403);
		url.searchParams.delete('code');
		expect((await load(url.href)).status).toBe(403);
	});

	it('refuses a request that brings a token along, and remembers it', async () => {
		const url = await link();
		expect(sandbox.tokenLeaks).toEqual([]);
		expect((await load(url, { Authorization: 'Bearer t-1' })).status).toBe(400);
		expect(sandbox.tokenLeaks).toEqual([sandbox.requests.at(-1)]);
		expect((await load(url)).status).toBe(200);
	});

	it.each([
		['path' as const, '127.0.0.1'],
		['host' as const, 'localhost'],
	])('can lead on to another %s, which counts as one use', async (redirects, host) => {
		sandbox.mailChoices.redirects = redirects;
		const url = await link();
		for (const status of [200, 200, 403]) {
			const first = await load(url);
			const next = new URL(String(first.headers.location), url);
			expect([first.status, next.protocol, next.hostname]).toEqual([302, 'http:', host]);
			expect(next.pathname).not.toBe(new URL(url).pathname);
			const answer = await load(next.href);
			expect(answer.status).toBe(status);
			if (status === 200) expect(answer.data).toEqual(bytes);
		}
	});

	it('can lead to itself for ever', async () => {
		sandbox.mailChoices.redirects = 'loop';
		await expect(axios.get(await link(), { maxRedirects: 5, proxy: false })).rejects.toThrow(/redirects/);
		expect(sandbox.requestsTo('file.download')).toHaveLength(6);
	});
});
