import type { IDataObject, INodeParameters } from 'n8n-workflow';

import type { Attachment, Message, NewMessage, SentMail } from '../sandbox';
import type { Run, RunOptions } from './engine';
import { connected, locate, run, sandbox } from './stage';

/** The beginning of a PNG, followed by a text. */
export const png = (text: string) => Buffer.from(`\x89PNG\r\n\x1a\n${text}`, 'latin1');

type File = Partial<Attachment> & Pick<Attachment, 'filename' | 'content'>;

export const file = (filename: string, content: string | Buffer = `Content of ${filename}`): File => ({
	filename,
	content: Buffer.from(content),
});

export const image = (cid: string, content = png(cid), filename = `${cid}.png`): File => ({
	...file(filename, content),
	cid,
});

export const bob = { mail_address: 'bob@example.org', name: 'Bob Builder' };
export const carol = { mail_address: 'carol@example.org', name: 'Doe, Carol' };
export const dave = { mail_address: 'dave@example.org' };
export const me = { mail_address: 'user@example.com' };

/** A mail in the inbox, from Bob to the mailbox's user. */
export const receive = (fields: NewMessage = {}): Message =>
	sandbox.mailbox.receive({
		subject: 'Plan',
		head_from: bob,
		to: [me],
		body_html: '<p>Shall we?</p>',
		body_plain_text: 'Shall we?',
		internal_date: Date.parse('2026-11-24T01:02:03Z'),
		smtp_message_id: 'plan@example.org',
		...fields,
	});

/** Runs an operation on a mail, as its user; `more` are options of the run. */
const answerBy =
	(operation: string, preset: INodeParameters) =>
	async (
		mail: Message | string,
		parameters: INodeParameters = {},
		more: Partial<RunOptions> = {},
	): Promise<Run> =>
		await run(
			'message',
			operation,
			{
				userMailboxId: 'me',
				messageId: locate('id', typeof mail === 'string' ? mail : mail.message_id),
				message: '<p>Hello</p>',
				...preset,
				...parameters,
			},
			{ credential: await connected(), ...more },
		);

export const reply = answerBy('reply', {});
export const forward = answerBy('forward', { to: 'eve@example.net' });

/** The only mail that left. */
export function onlySent(): SentMail {
	const [sent, another] = sandbox.sentMails;
	if (!sent || another) throw new Error(`${sandbox.sentMails.length} mails left`);
	return sent;
}

/** A header field of a mail, as it stands there. */
export const field = (name: string, { eml }: SentMail = onlySent()): string | undefined =>
	new RegExp(`^${name}: (.*)$`, 'im').exec(eml.slice(0, eml.indexOf('\n\n')))?.[1];

/** Binary data, as an expression gives it. */
export const binary = (fileName: string, content: string | Buffer): IDataObject => ({
	fileName,
	mimeType: 'application/octet-stream',
	data: Buffer.from(content).toString('base64'),
});
