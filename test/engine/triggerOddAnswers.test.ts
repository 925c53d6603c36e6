/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs on Node, not inside n8n */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { captureLog } from './capturedLog';
import { Engine, keepFilesIn } from './engine';
import { Published, type Publishing } from './published';
import { VirtualTime } from './virtualTime';

type Request = { path: string; query: URLSearchParams; ids: string[]; format?: string };
type Odd = { status?: number; data?: unknown; code?: number };

/** A Feishu of few words, whose answers a test may spoil. */
class Odds {
	mails: Array<{ id: unknown; date?: unknown; more?: object }> = [];
	list = (request: Request): Odd => {
		const at = Number(request.query.get('page_token') ?? 0);
		return {
			data: {
				items: this.mails.slice(at, at + 20).map(({ id }) => id),
				has_more: at + 20 < this.mails.length,
				page_token: String(at + 20),
			},
		};
	};
	read = ({ ids }: Request): Odd => ({
		data: {
			messages: this.mails
				.filter(({ id }) => ids.includes(String(id)))
				.map(({ id, date, more }) => ({
					message_id: id,
					...(date !== undefined && { internal_date: date }),
					subject: String(id).slice(0, 40),
					head_from: { mail_address: 'a@example.com' },
					...more,
				})),
		},
	});
	modify = (): Odd => ({ data: {} });
	requests: string[] = [];
	date?: string;
	server!: Server;
	async start() {
		this.server = createServer((req, res) => {
			const url = new URL(req.url!, 'http://x');
			let text = '';
			req.on('data', (part: Buffer) => (text += String(part)));
			req.on('end', () => {
				if (this.date !== undefined) {
					res.sendDate = false;
					if (this.date) res.setHeader('date', this.date);
				}
				const body = text ? (JSON.parse(text) as { message_ids?: string[]; format?: string }) : {};
				const request = {
					path: url.pathname,
					query: url.searchParams,
					ids: body.message_ids ?? [],
					format: body.format,
				};
				this.requests.push(url.pathname);
				let answer: Odd;
				if (url.pathname.includes('/auth/v3')) {
					res.setHeader('content-type', 'application/json');
					return res.end(
						JSON.stringify({ code: 0, msg: 'ok', tenant_access_token: 't-secretsecret', expire: 7200 }),
					);
				} else if (url.pathname.endsWith('batch_get')) answer = this.read(request);
				else if (url.pathname.endsWith('batch_modify')) answer = this.modify();
				else if (url.pathname.endsWith('/messages')) answer = this.list(request);
				else answer = { data: {} };
				res.statusCode = answer.status ?? 200;
				res.setHeader('content-type', 'application/json');
				return res.end(JSON.stringify({ code: answer.code ?? 0, msg: 'm', data: answer.data }));
			});
		});
		await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
	}
}

let odds: Odds;
let time: VirtualTime;
let engine: Engine;
beforeAll(async () => await keepFilesIn('memory'));
beforeEach(async () => {
	captureLog();
	odds = new Odds();
	const url = await odds.start();
	engine = new Engine({ url, app: { id: 'cli_a', secret: 's3cret' } });
	time = new VirtualTime();
});
afterEach(() => {
	time.end();
	odds.server.closeAllConnections();
	odds.server.close();
});

const trigger = (publishing: Publishing = {}) =>
	new Published(engine, {
		...publishing,
		parameters: { userMailboxId: 'a@example.com', output: 'metadata', ...publishing.parameters },
	});
let last = 0;
const now = () => (last = Math.max(last + 1, Date.now()));
const come = (...ids: unknown[]) => {
	for (const id of ids) odds.mails.unshift({ id, date: String(now()) });
};
const idsOf = ({ items }: Published) => items.map(({ message_id }) => message_id);
const active = async (publishing?: Publishing) => {
	come('old1', 'old2');
	time.pass(5000);
	const one = trigger(publishing);
	await one.activate();
	time.pass(1000);
	return one;
};

const strange = [
	'__proto__',
	'constructor',
	'toString',
	'1',
	'007',
	'-1',
	'x'.repeat(10_000),
	' a ',
	'ä💥',
	'\ud800',
	'a/b?c#d',
	'__dataChanged',
];
it.each(strange.map((id) => [JSON.stringify(id.slice(0, 20)), id]))(
	'the id %s is one as others',
	async (_, id) => {
		const one = await active();
		come(id);
		await one.tick();
		await one.tick();
		await one.restart();
		come('next');
		await one.tick();
		await one.restart();
		await one.tick();
		expect(one.errors).toEqual([]);
		expect(idsOf(one)).toEqual([id, 'next']);
	},
);

it('strange ids in the beginning', async () => {
	come(...strange);
	const one = await active();
	await one.tick();
	await one.restart();
	await one.tick();
	come('next');
	await one.tick();
	expect([one.errors, idsOf(one)]).toEqual([[], ['next']]);
});

it.each<[string, unknown]>([
	['none', undefined],
	['null', null],
	['an empty text', ''],
	['a number', 0],
	['zero', '0'],
	['words', 'yesterday'],
	['endless', 'Infinity'],
	['1e400', '1e400'],
	['minus endless', '-Infinity'],
	['an object', { a: 1 }],
	['a list', []],
	['huge', '9'.repeat(30)],
])('a date that is %s', async (_, date) => {
	const one = await active();
	come('a');
	odds.mails.unshift({ id: 'odd', date });
	come('b');
	await one.ticks(2);
	await one.restart();
	await one.tick();
	come('c');
	await one.tick();
	await one.restart();
	come('d');
	await one.tick();
	expect([one.errors, idsOf(one).sort()]).toEqual([[], ['a', 'b', 'c', 'd', 'odd'].sort()]);
});

it.each<[string, unknown]>([
	['none', undefined],
	['words', 'x'],
	['endless', 'Infinity'],
	['minus endless', '-Infinity'],
	['huge', '9'.repeat(30)],
])('dates that are all %s from the beginning', async (__, date) => {
	odds.mails = ['o1', 'o2'].map((id) => ({ id, date }));
	const one = trigger();
	await one.activate();
	await one.tick();
	odds.mails.unshift({ id: 'n1', date });
	await one.tick();
	await one.restart();
	odds.mails.unshift({ id: 'n2', date });
	await one.ticks(2);
	await one.restart();
	await one.ticks(2);
	expect([one.errors, idsOf(one)]).toEqual([[], ['n1', 'n2']]);
});

describe('lists', () => {
	it.each<[string, (one: Odds) => void]>([
		['items null', (o) => (o.list = () => ({ data: { items: null, has_more: false } }))],
		['data null', (o) => (o.list = () => ({ data: null }))],
		['items with a number', (o) => (o.list = () => ({ data: { items: ['a', 5] } }))],
		['code 0 with HTTP 500', (o) => (o.list = () => ({ status: 500, data: { items: ['a'] } }))],
		[
			'has_more without token',
			(o) => {
				const l = o.list;
				o.list = (r) => ({ data: { ...(l(r).data as object), has_more: true, page_token: '' } });
			},
		],
		[
			'a token that leads back',
			(o) => {
				const l = o.list;
				o.list = (r) => ({ data: { ...(l(r).data as object), has_more: true, page_token: '0' } });
			},
		],
		[
			'duplicates',
			(o) => {
				const l = o.list;
				o.list = (r) => {
					const d = l(r).data as { items: string[] };
					return { data: { ...d, items: [...d.items, ...d.items] } };
				};
			},
		],
		[
			'endless pages of the same',
			(o) => {
				let n = 0;
				const l = o.list;
				o.list = (r) => {
					time.pass(100);
					return {
						data: {
							items: (l({ ...r, query: new URLSearchParams() }).data as { items: string[] }).items,
							has_more: true,
							page_token: `t${n++}`,
						},
					};
				};
			},
		],
		[
			'endless empty pages',
			(o) => {
				let n = 0;
				o.list = () => {
					time.pass(100);
					return { data: { items: [], has_more: true, page_token: `t${n++}` } };
				};
			},
		],
		[
			'endless new mails',
			(o) => {
				let n = 0;
				o.list = () => {
					time.pass(100);
					const items = Array.from({ length: 20 }, () => {
						const id = `e${n++}`;
						o.mails.push({ id, date: String(now()) });
						return id;
					});
					return { data: { items, has_more: true, page_token: `t${n}` } };
				};
			},
		],
	])('%s', async (name, spoil) => {
		const one = await active();
		const { list } = odds;
		spoil(odds);
		come('a');
		await one.ticks(5);
		odds.list = list;
		come('b');
		await one.ticks(40);
		const ids = idsOf(one);
		expect(new Set(ids).size).toBe(ids.length);
		expect(ids).toContain('b');
		if (!name.includes('endless new')) expect(ids).toEqual(['a', 'b']);
	});
});

it('3,000 after a pause come, each once', async () => {
	const one = await active({ parameters: { options: { limit: 200 } } });
	one.deactivate();
	const ids = Array.from({ length: 3000 }, (_, n) => `m${n}`);
	for (const id of ids) {
		time.pass(1000);
		come(id);
	}
	await one.activate();
	for (let n = 0; n < 40; n++) {
		time.pass(60_000);
		await one.tick();
		if (n === 7) await one.restart();
	}
	const got = idsOf(one);
	expect([...got].sort()).toEqual([...ids].sort());
});

it('more mails than the limit lets through come for hours, each once', async () => {
	const one = await active({ parameters: { options: { limit: 5 } } });
	let n = 0;
	for (let p = 0; p < 400; p++) {
		time.pass(60_000);
		for (let k = 0; k < 6; k++) come(`m${n++}`);
		await one.tick();
	}
	const got = idsOf(one);
	expect(new Set(got).size).toBe(got.length);
});

it('a success without any list is told, and is no empty mailbox', async () => {
	odds.date = '';
	come('old');
	const { list } = odds;
	odds.list = () => ({ data: null });
	const one = trigger();
	await expect(one.activate()).rejects.toThrow('Feishu gives no list of the mails');
	odds.list = list;
	await one.activate();
	odds.list = () => ({ data: null });
	come('new');
	await one.tick();
	expect(one.errors).toHaveLength(1);
	odds.list = list;
	await one.ticks(2);
	expect(idsOf(one)).toEqual(['new']);
});

describe('mails of odd fields keep none back, whatever is compared:', () => {
	it.each<[string, object]>([
		['no sender', { head_from: null }],
		['a sender without an address', { head_from: { mail_address: null, name: null } }],
		['a sender that is text', { head_from: 'a@example.com' }],
		['an address that is a number', { head_from: { mail_address: 5 } }],
		['no subject', { subject: null }],
		['a subject that is a number', { subject: 5 }],
		['labels that are text', { label_ids: 'FLAGGED' }],
		['labels that are null', { label_ids: null }],
		['attachments that are text', { attachments: 'x' }],
		['attachments that are null', { attachments: [null, 5] }],
		['texts that are objects', { body_plain_text: {}, body_preview: 5 }],
	])('%s', async (_, more) => {
		for (const filters of [
			{ sender: 'example.com' },
			{ subject: 'o' },
			{ labelIds: ['FLAGGED'] },
			{ hasAttachments: false },
		]) {
			const one = await active({ parameters: { filters } });
			odds.mails.unshift({ id: `odd ${Object.keys(filters)[0]}`, date: String(now()), more });
			odds.mails.unshift({
				id: `ok ${Object.keys(filters)[0]}`,
				date: String(now()),
				more: { label_ids: ['FLAGGED'], attachments: [] },
			});
			await one.tick();
			expect(one.errors).toEqual([]);
			expect(idsOf(one)).toContain(`ok ${Object.keys(filters)[0]}`);
		}
	});
});
