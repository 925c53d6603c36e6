import fc from 'fast-check';

import type { MailAddress, NewMessage } from '../sandbox';
import { body } from '../unit/mime/anyMail';
import { byId, contract, encoded, type Contract } from './contract';
import { id } from './generated';
import {
	composed,
	cut,
	expressions,
	extraFields,
	extras,
	files,
	message,
	people,
	recipients,
	sender,
	senderName,
	subject,
	written,
	type BinaryFile,
	type Extras,
	type Message,
	type Recipients,
	type WholeMail,
} from './mails';

/** Feishu lets only users send. */
const callers = ['user'] as const;

type Path = { user_mailbox_id: string };

/** Whom a mailbox sends as where nothing is said: the sandbox gives the own one the name of its user. */
const presetSender = ({ user_mailbox_id }: Path): MailAddress =>
	user_mailbox_id === 'me'
		? { mail_address: 'user@example.com', name: 'Sandbox User' }
		: { mail_address: decodeURIComponent(user_mailbox_id) };

const texts = ({ emailType, message: said }: Omit<Message, 'inlineImages'>) =>
	emailType === 'html' ? { html: said } : { text: said };

/** What an item says, as a whole mail. */
function whole(
	path: Path,
	{ from = presetSender(path), senderName, ...mail }: Extras & Recipients & { subject: string },
): WholeMail {
	return { ...mail, ...texts(mail), from: senderName ? { ...from, name: senderName } : from };
}

const messageFields = ['emailType', 'message'];

const addressed = (least: number) =>
	fc.record({ subject, recipients: recipients(least), extras }).map((mail) => ({
		mail: { subject: mail.subject, ...mail.recipients, ...mail.extras },
	}));

const newMail = {
	...written(['to', 'subject', ...messageFields]),
	additionalFields: written([...extraFields, 'cc', 'bcc']),
};

const newMails = [
	contract({
		title: 'message send',
		api: 'mail.message.send',
		callers,
		parameters: { resource: 'message', operation: 'send', ...newMail },
		fields: addressed(1),
		send: async (mail, { path, mail: sent }, as) =>
			await mail.userMailboxMessage.send({ path, data: { raw: await composed(whole(path, sent)) } }, as),
	}),
	contract({
		title: 'draft create',
		api: 'mail.draft.create',
		callers,
		parameters: { resource: 'draft', operation: 'create', ...newMail },
		fields: addressed(0),
		send: async (mail, { path, mail: drafted }, as) =>
			await mail.userMailboxDraft.create({ path, data: { raw: await composed(whole(path, drafted)) } }, as),
	}),
];

/** A mail that is answered, and what the answer says. */
interface Answered {
	original: {
		message_id: string;
		subject: string;
		smtp_message_id: string;
		references: string[];
		head_from: MailAddress;
		to: MailAddress[];
		cc: MailAddress[];
		reply_to: MailAddress[];
		files: BinaryFile[];
	};
	toAll: boolean;
	mail: Extras & Recipients;
}

const smtpId = fc.stringMatching(/^[a-z0-9.]{1,30}@[a-z0-9.]{1,30}$/);

/** An id of a mail as Feishu's are: it goes into a header. */
const mailId = fc.base64String({ minLength: 12, maxLength: 40 });

const isWithoutPrefix = (text: string) => !/^\s*(re|fwd?|回复|转发)\s*[:：]/i.test(text);

const answered: fc.Arbitrary<Answered> = fc
	.record({
		message_id: mailId,
		subject: subject.filter(isWithoutPrefix),
		smtp_message_id: smtpId,
		references: fc.uniqueArray(smtpId, { maxLength: 5 }),
		files,
		// Of all who have to do with the conversation, nobody stands at two places: one is the sender, one gets the answer.
		all: people(2, 20),
		places: fc.array(fc.nat({ max: 18 }), { minLength: 5, maxLength: 5 }),
		toAll: fc.boolean(),
		extras,
	})
	.map(
		({ all: [sender, receiver, ...others], places, files: withFiles, toAll, extras: said, ...original }) => {
			const [to = [], cc = [], reply_to = [], moreTo = [], moreCc = [], bcc = []] = cut(others, places);
			return {
				original: { ...original, files: withFiles, head_from: sender!, to, cc, reply_to },
				toAll,
				mail: { ...said, to: [receiver!, ...moreTo], cc: moreCc, bcc },
			};
		},
	);

const asText = ({ mail_address, name }: MailAddress) =>
	name ? `"${name.replace(/["\\]/g, '\\$&')}" <${mail_address}>` : mail_address;

const attachment = ({ fileName, data }: BinaryFile) => ({
	filename: fileName,
	content: Buffer.from(data, 'base64'),
});

function receivedMail({
	original: { files: attached, reply_to, references, ...mail },
}: Answered): NewMessage {
	return {
		...mail,
		references: references.map((one) => `<${one}>`).join(' '),
		...(reply_to.length > 0 && { reply_to: reply_to.map(asText).join(', ') }),
		attachments: attached.map(attachment),
	};
}

/** Feishu's clients take Japanese for Chinese. */
const isEastern = (text: string) => /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text);

/** How Feishu's clients begin the subject of an answer. */
const prefixes = { REPLY: ['Re: ', '回复：'], FORWARD: ['Fwd: ', '转发：'] } as const;

/** An answer with its subject and with what puts it into the conversation, as Feishu's official client writes them. */
function answer(
	path: Path,
	type: keyof typeof prefixes,
	{ original, mail }: Answered,
	to: Recipients,
	attached: BinaryFile[] = [],
): WholeMail {
	const inReplyTo = `<${original.smtp_message_id}>`;
	const subjectOfAnswer = prefixes[type][isEastern(original.subject) ? 1 : 0] + original.subject;
	return {
		...whole(path, {
			...mail,
			...to,
			subject: subjectOfAnswer.trim(),
			attachments: [...attached, ...mail.attachments],
		}),
		conversation: {
			inReplyTo,
			references: [...original.references.map((one) => `<${one}>`), inReplyTo],
			headers: { 'X-LMS-Reply-To-Message-Id': original.message_id, 'X-LMS-Reply-Type': type },
		},
	};
}

const answers = [
	contract({
		title: 'draft create: a reply',
		api: 'mail.draft.create',
		callers,
		parameters: {
			resource: 'message',
			operation: 'reply',
			messageId: byId('={{ $json.original.message_id }}'),
			replyToAll: '={{ $json.toAll }}',
			...written(messageFields),
			additionalFields: written([...extraFields, 'cc', 'bcc']),
			options: { quoteOriginal: false, saveAsDraft: true },
		},
		fields: answered,
		given: (mailbox, input) => mailbox.receive(receivedMail(input)),
		async send(mail, { path, ...input }, as) {
			const { head_from, to, cc, reply_to } = input.original;
			const { cc: moreCc, bcc } = input.mail;
			const raw = await composed(
				answer(path, 'REPLY', input, {
					to: reply_to.length > 0 ? reply_to : [head_from],
					cc: input.toAll ? [...to, ...cc, ...moreCc] : moreCc,
					bcc,
				}),
			);
			return await mail.userMailboxDraft.create({ path, data: { raw } }, as);
		},
	}),
	contract({
		title: 'draft create: a mail that is passed on',
		api: 'mail.draft.create',
		callers,
		parameters: {
			resource: 'message',
			operation: 'forward',
			messageId: byId('={{ $json.original.message_id }}'),
			...written(['to', ...messageFields]),
			additionalFields: written([...extraFields, 'cc', 'bcc']),
			options: { quoteOriginal: false, saveAsDraft: true },
		},
		fields: answered,
		given: (mailbox, input) => mailbox.receive(receivedMail(input)),
		async send(mail, { path, ...input }, as) {
			const raw = await composed(answer(path, 'FORWARD', input, input.mail, input.original.files));
			return await mail.userMailboxDraft.create({ path, data: { raw } }, as);
		},
	}),
];

const draft = (message_id: string, fields: NewMessage = {}): NewMessage => ({
	...fields,
	message_id,
	folder_id: 'DRAFT',
});

/** Moments so far ahead that every clock of a test comes before them, in seconds. */
const moment = fc.integer({ min: 4e9, max: 8e9 });

const isoOf = (seconds: number) => new Date(seconds * 1000).toISOString();

const sendingDrafts = [
	contract({
		title: 'draft send',
		api: 'mail.draft.send',
		callers,
		parameters: { resource: 'draft', operation: 'send', draftId: byId() },
		fields: fc.record({ id }),
		given: (mailbox, { id: one }) => mailbox.receive(draft(one)),
		send: (mail, { path, id: one }, as) =>
			mail.userMailboxDraft.send({ path: { ...path, draft_id: encoded(one) }, data: {} }, as),
	}),
	contract({
		title: 'draft send, later',
		api: 'mail.draft.send',
		callers,
		parameters: {
			resource: 'draft',
			operation: 'send',
			draftId: byId(),
			additionalFields: { sendAt: '={{ $json.at }}' },
		},
		fields: fc.record({ id, at: moment.map(isoOf) }),
		given: (mailbox, { id: one }) => mailbox.receive(draft(one)),
		send: (mail, { path, id: one, at }, as) =>
			mail.userMailboxDraft.send(
				{ path: { ...path, draft_id: encoded(one) }, data: { send_time: String(Date.parse(at) / 1000) } },
				as,
			),
	}),
	contract({
		title: 'draft get: metadata of one that is sent',
		api: 'mail.draft.get',
		callers,
		parameters: { resource: 'draft', operation: 'send', draftId: byId() },
		fields: fc.record({ id }),
		given: (mailbox, { id: one }) => mailbox.receive(draft(one)),
		send: (mail, { path, id: one }, as) =>
			mail.userMailboxDraft.get(
				{ path: { ...path, draft_id: encoded(one) }, params: { format: 'metadata' } },
				as,
			),
	}),
];

/** A draft, and what an item wants to change in it. */
interface Changed {
	id: string;
	draft: Recipients & {
		subject: string;
		head_from: MailAddress;
		body_html: string;
		body_plain_text: string;
		files: BinaryFile[];
	};
	change: Partial<Omit<Extras, 'attachments'> & Recipients & { subject: string }> &
		Pick<Extras, 'attachments'>;
}

const changed: fc.Arbitrary<Changed> = fc.record({
	id,
	draft: fc
		.record({ recipients: recipients(0), subject, head_from: sender, html: body, text: body, files })
		.map(({ recipients: all, html, text, ...others }) => ({
			...others,
			...all,
			body_html: html,
			body_plain_text: text,
		})),
	change: fc
		.record({
			recipients: recipients(0),
			kinds: fc.subarray(['to', 'cc', 'bcc'] as const),
			extras: fc.record(
				{
					subject,
					replyTo: people(1, 3),
					from: sender,
					senderName,
					importance: fc.constantFrom('high', 'low', 'normal'),
					readReceipt: fc.boolean(),
					said: message,
				},
				{ requiredKeys: [] },
			),
			attachments: files,
		})
		.map(({ recipients: all, kinds, extras: { said, ...others }, attachments }) => ({
			inlineImages: '' as const,
			...Object.fromEntries(kinds.map((kind) => [kind, all[kind]])),
			...others,
			...said,
			attachments,
		}))
		.filter(({ attachments, ...others }) => attachments.length > 0 || Object.keys(others).length > 1),
});

function afterChange({ draft: was, change }: Changed): WholeMail {
	const {
		from = was.head_from,
		senderName,
		message: said,
		emailType = 'html',
		attachments,
		...others
	} = change;
	return {
		to: was.to,
		cc: was.cc,
		bcc: was.bcc,
		subject: was.subject,
		replyTo: [],
		importance: 'normal',
		readReceipt: false,
		inlineImages: '',
		...others,
		...(said === undefined
			? { html: was.body_html, text: was.body_plain_text }
			: texts({ emailType, message: said })),
		from: senderName ? { ...from, name: senderName } : from,
		attachments: [...was.files, ...attachments],
	};
}

const updating = (['draft update', 'draft get: source of one that is changed'] as const).map((title, index) =>
	contract({
		title,
		api: index === 0 ? 'mail.draft.update' : 'mail.draft.get',
		callers,
		parameters: {
			resource: 'draft',
			operation: 'update',
			draftId: byId(),
			updateFields: expressions([...extraFields, ...messageFields, 'to', 'cc', 'bcc', 'subject'], {
				place: '$json.change',
			}),
		},
		fields: changed,
		given(mailbox, { id: one, draft: { files: attached, ...mail } }) {
			mailbox.receive(draft(one, { ...mail, attachments: attached.map(attachment) }));
		},
		async send(mail, { path, id: one, ...input }, as) {
			const draftPath = { ...path, draft_id: encoded(one) };
			if (index === 1)
				return await mail.userMailboxDraft.get({ path: draftPath, params: { format: 'raw' } }, as);
			const raw = await composed(afterChange({ id: one, ...input }));
			return await mail.userMailboxDraft.update({ path: draftPath, data: { raw } }, as);
		},
	}),
);

const keepingDrafts = [
	contract({
		title: 'draft list',
		api: 'mail.draft.list',
		callers,
		parameters: { resource: 'draft', operation: 'getAll', limit: '={{ $json.limit }}' },
		fields: fc.record({ limit: fc.integer({ min: 1, max: 200 }) }),
		send: (mail, { path, limit }, as) =>
			mail.userMailboxDraft.list({ path, params: { page_size: Math.min(limit, 100) } }, as),
	}),
	contract({
		title: 'draft get',
		api: 'mail.draft.get',
		callers,
		parameters: { resource: 'draft', operation: 'get', draftId: byId() },
		fields: fc.record({ id }),
		send: (mail, { path, id: one }, as) =>
			mail.userMailboxDraft.get(
				{ path: { ...path, draft_id: encoded(one) }, params: { format: 'full' } },
				as,
			),
	}),
	contract({
		title: 'draft delete',
		api: 'mail.draft.delete',
		callers,
		parameters: { resource: 'draft', operation: 'delete', draftId: byId() },
		fields: fc.record({ id }),
		send: (mail, { path, id: one }, as) =>
			mail.userMailboxDraft.delete({ path: { ...path, draft_id: encoded(one) } }, as),
	}),
];

const sentMails = [
	contract({
		title: 'message send_status',
		api: 'mail.message.sendStatus',
		callers,
		parameters: { resource: 'message', operation: 'getSendStatus', messageId: byId() },
		fields: fc.record({ id }),
		send: (mail, { path, id: one }, as) =>
			mail.userMailboxMessage.sendStatus({ path: { ...path, message_id: encoded(one) } }, as),
	}),
	contract({
		title: 'cancel_scheduled_send',
		api: 'mail.message.cancelScheduledSend',
		callers,
		parameters: { resource: 'message', operation: 'cancelScheduledSend', messageId: byId() },
		fields: fc.record({ id }),
		given: (mailbox, { id: message_id }) =>
			Object.assign(mailbox.receive({ message_id, folder_id: 'SCHEDULED' }), {
				scheduled: { send_time: 4e12, draft_id: `draft of ${message_id}` },
			}),
		send: (mail, { path, id: one }, as) =>
			mail.userMailboxDraft.cancelScheduledSend({ path: { ...path, message_id: encoded(one) } }, as),
	}),
	contract({
		title: 'sent_message recall',
		api: 'mail.message.recall',
		parameters: { resource: 'message', operation: 'recall', messageId: byId() },
		fields: fc.record({ id }),
		send: (mail, { path, id: one }, as) =>
			mail.userMailboxSentMessage.recall({ path: { ...path, message_id: encoded(one) } }, as),
	}),
	contract({
		title: 'sent_message get_recall_detail',
		api: 'mail.message.recallDetail',
		parameters: { resource: 'message', operation: 'getRecallStatus', messageId: byId() },
		fields: fc.record({ id }),
		send: (mail, { path, id: one }, as) =>
			mail.userMailboxSentMessage.getRecallDetail({ path: { ...path, message_id: encoded(one) } }, as),
	}),
];

/** The requests by which mails are written and sent. */
export const outgoing: Contract[] = [
	...newMails,
	...answers,
	...sendingDrafts,
	...updating,
	...keepingDrafts,
	...sentMails,
];
