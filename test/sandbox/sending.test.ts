import type { AxiosInstance } from 'axios';

import { Sandbox } from './index';
import type { Mailbox } from './index';
import { connect, dataOf, mailboxPath } from './client';

let sandbox: Sandbox;
let client: AxiosInstance;
let now: number;

beforeEach(async () => {
	now = Date.parse('2026-06-15T12:00:00Z');
	sandbox = await Sandbox.start({ clock: { now: () => now } });
	client = connect(sandbox, sandbox.issueUserTokens().access_token);
});
afterEach(async () => await sandbox.close());

const base64 = (text: string | Buffer) => Buffer.from(text).toString('base64');
const encodedMail = (text: string) => Buffer.from(text).toString('base64url');

let messageIds = 0;
/** A mail of plain text; a field is put in, replaced, or with undefined left out. */
const eml = (fields: Record<string, string | undefined> = {}, body = 'Hello') => {
	const all: Record<string, string | undefined> = {
		Subject: 'Plan',
		From: 'user@example.com',
		'Message-ID': `<${++messageIds}@test>`,
		To: 'bob@example.org',
		'Content-Type': 'text/plain; charset=UTF-8',
		'Content-Transfer-Encoding': 'base64',
		...fields,
	};
	const lines = Object.entries(all).flatMap(([name, value]) =>
		value === undefined ? [] : [`${name}: ${value}\n`],
	);
	return `${lines.join('')}\n${base64(body)}\n`;
};
const send = async (text = eml(), mailbox = 'me') =>
	await client.post(mailboxPath('messages', mailbox, 'send'), { raw: encodedMail(text) });
const sent = async (text = eml()) => dataOf<{ message_id: string; thread_id: string }>(await send(text));
const inFolder = ({ messages }: Mailbox, folder: string) =>
	messages.filter(({ folder_id }) => folder_id === folder);

describe('sending a mail', () => {
	it('leaves a copy with the sender and one, unread, with every mailbox of the sandbox', async () => {
		const ann = sandbox.tenant.addMailbox('ann@example.com');
		const boss = sandbox.addTenant().addMailbox('boss@example.net');
		const { message_id, thread_id } = await sent(
			eml({
				Subject: '=?UTF-8?B?5oql5Lu3?=',
				To: '"Ann, A." <ann@example.com>, bob@example.org',
				Bcc: 'boss@example.net',
			}),
		);
		expect(inFolder(sandbox.mailbox, 'SENT')).toMatchObject([
			{
				message_id,
				thread_id,
				subject: '报价',
				head_from: { mail_address: 'user@example.com' },
				to: [{ mail_address: 'ann@example.com', name: 'Ann, A.' }, { mail_address: 'bob@example.org' }],
				bcc: [{ mail_address: 'boss@example.net' }],
				body_plain_text: 'Hello',
				message_state: 2,
				smtp_message_id: `${messageIds}@test`,
				internal_date: now,
				label_ids: new Set(),
			},
		]);
		for (const mailbox of [ann, boss]) {
			expect(mailbox.messages).toMatchObject([
				{ subject: '报价', folder_id: 'INBOX', message_state: 1, bcc: [], label_ids: new Set(['UNREAD']) },
			]);
			expect(mailbox.messages[0]?.message_id).not.toBe(message_id);
		}
		expect(sandbox.sentMails).toMatchObject([
			{
				at: now,
				mailbox: sandbox.mailbox,
				recipients: ['ann@example.com', 'bob@example.org', 'boss@example.net'],
			},
		]);
	});
});
