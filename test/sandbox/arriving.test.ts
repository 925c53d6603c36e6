import type { AxiosInstance } from 'axios';

import { Sandbox } from './index';
import type { Message } from './index';
import { connect, dataOf, mailboxPath, outcome, signIn } from './client';
import { eml, rawOf } from './testMails';

const start = Date.parse('2026-11-26T08:00:00Z');

let sandbox: Sandbox;
let client: AxiosInstance;

beforeEach(async () => {
	sandbox = await Sandbox.start({ clock: { now: () => start } });
	client = await signIn(sandbox);
});
afterEach(async () => await sandbox.close());

const idOf = ({ message_id }: Message) => message_id;

interface Page {
	items: string[];
	page_token?: string;
}

/** A page of the inbox. */
const list = async (page_size = 20, page_token?: string) => {
	const params = { folder_id: 'INBOX', page_size, page_token };
	return dataOf<Page>(await client.get(mailboxPath('messages'), { params }));
};

/** All pages of the inbox; `between` happens before the second one. */
async function pages(size: number, between: () => unknown): Promise<string[][]> {
	sandbox.before('mail.message.list', between, { on: 2 });
	const found: string[][] = [];
	let token: string | undefined;
	do {
		const page = await list(size, token);
		found.push(page.items);
		token = page.page_token;
	} while (token !== undefined);
	return found;
}

const arrive = (...dates: number[]) =>
	dates.map((internal_date) => sandbox.mailbox.receive({ internal_date }));

describe('the order of a list', () => {
	it.each([
		['newestFirst', [3, 1, 0, 2]],
		['lastArrivedFirst', [3, 2, 1, 0]],
		['oldestFirst', [2, 0, 1, 3]],
	] as const)('%s: by date or by arrival; of one millisecond, by arrival', async (listOrder, order) => {
		const mails = arrive(start, start + 5, start - 5, start + 5);
		sandbox.mailChoices.listOrder = listOrder;
		expect((await list()).items).toEqual(order.map((index) => idOf(mails[index] as Message)));
	});
});

describe('what happens between two pages', () => {
	let mails: Message[];
	let ids: string[];

	beforeEach(() => {
		mails = arrive(...[6, 5, 4, 3, 2, 1].map((age) => start - age)).reverse();
		ids = mails.map(idOf);
	});

	it.each<[string, 'stay' | 'shift', () => unknown, number[][]]>([
		[
			'an arrival',
			'stay',
			() => arrive(start),
			[
				[0, 1],
				[2, 3],
				[4, 5],
			],
		],
		['an arrival', 'shift', () => arrive(start), [[0, 1], [1, 2], [3, 4], [5]]],
		[
			'a removal',
			'stay',
			() => sandbox.mailbox.remove(mails[1] as Message),
			[
				[0, 1],
				[2, 3],
				[4, 5],
			],
		],
		['a removal', 'shift', () => sandbox.mailbox.remove(mails[1] as Message), [[0, 1], [3, 4], [5]]],
		[
			'a move',
			'stay',
			() => move(0, 1),
			[
				[0, 1],
				[2, 3],
				[4, 5],
			],
		],
		[
			'a move',
			'shift',
			() => move(0, 1),
			[
				[0, 1],
				[4, 5],
			],
		],
		[
			'the end of a whole page',
			'stay',
			() => remove(0, 1),
			[
				[0, 1],
				[2, 3],
				[4, 5],
			],
		],
		[
			'a removal of what is to come',
			'stay',
			() => remove(2, 4),
			[
				[0, 1],
				[3, 5],
			],
		],
	])('%s: tokens that %s', async (_what, choice, between, expected) => {
		sandbox.mailChoices.pages = choice;
		expect(await pages(2, between)).toEqual(expected.map((page) => page.map((index) => ids[index])));
	});

	const move = (...indexes: number[]) => {
		for (const index of indexes) (mails[index] as Message).folder_id = 'ARCHIVED';
	};
	const remove = (...indexes: number[]) => {
		for (const index of indexes) sandbox.mailbox.remove(mails[index] as Message);
	};

	it('is over before the page is made, however long it takes', async () => {
		const later = async () => {
			await client.get(mailboxPath('labels'));
			remove(2);
		};
		expect(await pages(2, later)).toEqual([ids.slice(0, 2), ids.slice(3, 5), ids.slice(5)]);
	});

	it('counts the requests to that API and goes along with faults', async () => {
		const seen: number[] = [];
		const event = sandbox.before('mail.message.list', () => seen.push(sandbox.requests.length), {
			on: [2, 3],
		});
		sandbox.fail({ api: 'mail.message.list', on: 2, with: { code: 1230001 } });
		await list();
		await client.get(mailboxPath('labels'));
		await list();
		await list();
		event.cancel();
		await list();
		expect(event).toMatchObject({ seen: 3, fired: 2 });
		expect(seen).toHaveLength(2);
	});

	it.each([
		['refuse', [400, 1230006], undefined],
		['leaveOut', [200, 0], 5],
	] as const)('a mail gone between list and batch_get: %s', async (choice, expected, count) => {
		sandbox.mailChoices.unknownIds = choice;
		sandbox.before('mail.message.batchGet', () => remove(3));
		const { items } = await list();
		const answer = await client.post(mailboxPath('messages', undefined, 'batch_get'), { message_ids: items });
		expect(outcome(answer)).toEqual(expected);
		expect(dataOf<{ messages?: unknown[] } | undefined>(answer)?.messages?.length).toBe(count);
	});
});

describe('a mail to oneself', () => {
	it.each([1, 2] as const)(
		'arrives unread in the inbox, with state %i, beside the sent one',
		async (state) => {
			sandbox.mailChoices.ownCopyState = state;
			const user = connect(sandbox, sandbox.issueUserTokens().access_token);
			const raw = rawOf(eml({ To: sandbox.mailbox.address }));
			await user.post(mailboxPath('messages', 'me', 'send'), { raw });
			const [sent, copy] = sandbox.mailbox.messages as [Message, Message];
			expect(sent).toMatchObject({ folder_id: 'SENT', message_state: 2, label_ids: new Set() });
			expect(copy).toMatchObject({
				folder_id: 'INBOX',
				message_state: state,
				label_ids: new Set(['UNREAD']),
				thread_id: sent.thread_id,
				smtp_message_id: sent.smtp_message_id,
				internal_date: start,
			});
			expect(copy.message_id).not.toBe(sent.message_id);
			expect((await list()).items).toEqual([copy.message_id]);
		},
	);
});

describe("the Date header of answers follows the sandbox's clock", () => {
	it.each([
		['a success', async () => await list().then(() => client.get(mailboxPath('labels')))],
		['a refusal', async () => await client.get(mailboxPath('messages'))],
		['an unknown path', async () => await client.get('/nowhere')],
		['a malformed path', async () => await client.get('/%ff')],
		['the page', async () => await client.get('/')],
	])('on %s', async (_what, request) => {
		sandbox.clock.advance(-600_000);
		expect((await request()).headers.date).toBe('Thu, 26 Nov 2026 07:50:00 GMT');
	});

	it('at the end of a delay, and a fault can have another one', async () => {
		sandbox.before('mail.label.list', () => sandbox.clock.advance(60_000));
		expect((await client.get(mailboxPath('labels'))).headers.date).toBe('Thu, 26 Nov 2026 08:01:00 GMT');
		sandbox.fail({ with: { code: 0, headers: { Date: 'soon' } } });
		expect((await client.get(mailboxPath('labels'))).headers.date).toBe('soon');
	});
});
