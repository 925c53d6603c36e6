import { randomBytes } from 'crypto';

import { composeMail } from '../composedMail';
import type { Attachment, MailAddress } from '../mails';
import { fieldRefused, mailboxApi, refusal, success } from '../platform';
import type { MailboxCall } from '../platform';
import { recipientsOf } from '../post';
import { readScopes } from './mailView';
import { checkFiles, checkSending, outgoingErrors, sendScopes, sourceFrom, wrongParameter } from './outgoing';

const path = '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/messages';

/** [docs] encoded characters of one file. */
const maxFileLength = 51_729_750;

interface StructuredMail {
	subject?: string;
	to?: MailAddress[];
	cc?: MailAddress[];
	bcc?: MailAddress[];
	body_html?: string;
	body_plain_text?: string;
	head_from?: { name?: string };
	attachments?: Array<{ body?: string; filename?: string; is_inline?: boolean; cid?: string }>;
}

const structuredFields = {
	subject: 'string',
	to: 'objects',
	cc: 'objects',
	bcc: 'objects',
	body_html: 'string',
	body_plain_text: 'string',
	attachments: 'objects',
	head_from: 'object',
	'head_from.name': 'string',
} as const;

/** The addresses of a field. [docs] mail_address is required */
function addressesOf(field: 'to' | 'cc' | 'bcc', mail: StructuredMail): MailAddress[] {
	return (mail[field] ?? []).map(({ mail_address, name }) => {
		if (typeof mail_address !== 'string') {
			throw fieldRefused(wrongParameter, `${field}.mail_address`, 'mail_address is required');
		}
		return { mail_address, ...(name ? { name } : {}) };
	});
}

function filesOf({ attachments }: StructuredMail): Attachment[] {
	return (attachments ?? []).map(({ body, filename, is_inline = false, cid }, index) => {
		const wrong = (field: string, reason: string) =>
			fieldRefused(wrongParameter, `attachments.${field}`, reason);
		if (!filename) throw wrong('filename', 'filename is required');
		if (!body || body.length > maxFileLength || !/^[\w-]*={0,2}$/.test(body)) {
			throw wrong('body', 'base64url expected');
		}
		// [docs] for inline images only.
		if (is_inline && !cid) throw wrong('cid', 'cid is required');
		const content = Buffer.from(body, 'base64url');
		return { id: String(index), filename, attachment_type: 1, is_inline, cid, content };
	});
}

/**
 * The mail that the fields describe, as base64url. Texts are taken as they are: [docs] do not say whether they are encoded,
 * most clients do not. `dedupe_key`, of which nothing but the name is documented, has no effect.
 */
function rawOf({ mailbox, body, world }: MailboxCall): string {
	const mail = body as StructuredMail;
	const name = mail.head_from?.name;
	return composeMail({
		subject: mail.subject ?? '',
		head_from: { mail_address: mailbox.address, ...(name ? { name } : {}) },
		to: addressesOf('to', mail),
		cc: addressesOf('cc', mail),
		bcc: addressesOf('bcc', mail),
		body_html: mail.body_html ?? undefined,
		body_plain_text: mail.body_plain_text ?? undefined,
		attachments: filesOf(mail),
		internal_date: world.clock.now(),
		smtp_message_id: `${randomBytes(12).toString('hex')}@mail.feishu.example`,
	}).toString('base64url');
}

/**
 * Sends a mail. What `raw` and the other fields mean together is not documented: the sandbox takes one or the other. The
 * switch that stops automated sending is documented for drafts alone.
 */
export const messageSend = mailboxApi({
	name: 'mail.message.send',
	method: 'POST',
	path: `${path}/send`,
	tokenTypes: ['user'],
	scopes: sendScopes,
	documentedQuota: { limit: 100, window: 60 },
	oneAtATime: 'user',
	body: { raw: 'string', dedupe_key: 'string', ...structuredFields },
	errors: outgoingErrors,
	async handle(call) {
		const { mailbox, body, world } = call;
		const structured = Object.keys(structuredFields).find((field) => body[field] != null);
		if (body.raw != null && structured !== undefined) {
			throw fieldRefused(wrongParameter, structured, 'not beside raw');
		}
		const source = await sourceFrom(structured === undefined ? body.raw : rawOf(call), call);
		if (world.mailChoices.sendChecksFiles) checkFiles(source);
		checkSending(call, source, { threshold: true });
		const { message_id, thread_id } = world.post.send(mailbox, source).message;
		return success({ message_id, thread_id });
	},
});

export const messageSendStatus = mailboxApi({
	name: 'mail.message.sendStatus',
	method: 'GET',
	path: `${path}/:message_id/send_status`,
	tokenTypes: ['user'],
	scopes: readScopes,
	documentedQuota: { limit: 10, window: 1 },
	errors: outgoingErrors,
	handle({ mailbox, parameters: { message_id }, world }) {
		const sent = world.post.find(mailbox, message_id);
		if (sent === undefined) throw refusal({ status: 404, code: 1236010, msg: 'send status not found' });
		return success({
			message_id,
			details: recipientsOf(sent.mail).map(({ mail_address, name }) => {
				const { status, at } = sent.statusFor(mail_address, world.mailChoices);
				// [docs] seconds
				return { recipient: { mail_address, name }, status, last_updated_time: Math.floor(at / 1000) };
			}),
		});
	},
});
