import { distinct, findAddresses, without, type Address } from './addresses';
import { visibleText, messageIds } from './headers';
import type { Answer } from './mail';

/** The mail that is answered, by the API's field names, its texts decoded. Whoever has written it is not to be trusted. */
export interface Original {
	message_id: string;
	smtp_message_id?: string;
	references?: string | string[];
	subject?: string;
	head_from?: unknown;
	reply_to?: unknown;
	to?: unknown;
	cc?: unknown;
	/** Milliseconds since 1970. */
	internal_date?: string;
	body_html?: string;
	body_plain_text?: string;
}

/** The words of Feishu's clients around the mail that is answered. */
interface Words extends Record<Answer['type'], string> {
	locale: 'en-US' | 'zh-CN';
	/** Above a forwarded mail. */
	title: string;
	colon: string;
	from: string;
	date: string;
	subject: string;
	to: string;
	cc: string;
}

const english: Words = {
	locale: 'en-US',
	REPLY: 'Re: ',
	FORWARD: 'Fwd: ',
	title: '---------- Forwarded message ---------',
	colon: ': ',
	from: 'From',
	date: 'Date',
	subject: 'Subject',
	to: 'To',
	cc: 'Cc',
};

const chinese: Words = {
	locale: 'zh-CN',
	REPLY: '回复：',
	FORWARD: '转发：',
	title: '--------- 转发消息 ---------',
	colon: '：',
	from: '发件人',
	date: '时间',
	subject: '主题',
	to: '收件人',
	cc: '抄送',
};

/** The words for an answer, by its subject: Feishu's clients take Chinese for Japanese as well. */
export const wordsFor = ({ subject = '' }: Pick<Original, 'subject'>) =>
	/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(subject) ? chinese : english;

/** All prefixes at once. Feishu groups conversations by the subject without them. */
const prefixes = /^(?:(?:re|fwd?|回复|转发)\s*[:：]\s*)+/i;

/** The subject of an answer: one prefix, whatever there was before. */
export function answerSubject({ subject = '' }: Pick<Original, 'subject'>, type: Answer['type']): string {
	return (wordsFor({ subject })[type] + visibleText(subject).replace(prefixes, '')).trim();
}

/**
 * Who gets a reply: the Reply-To of a mail, or its sender; for one's own mail its recipients. A reply to all goes to its
 * other recipients as well. Empty where nobody is left.
 *
 * @param own the addresses of the mailbox, which are left out; of one's own mail the recipients stay as they were, so
 * that a mail to oneself can be answered
 */
export function replyRecipients(
	original: Original,
	{ own, toAll }: { own: string[]; toAll: boolean },
): { to: Address[]; cc: Address[] } {
	const ownAddresses = findAddresses(own);
	const others = (list: Address[]) => without(list, ownAddresses);
	const sender = findAddresses(original.head_from);
	const to = findAddresses(original.to);
	const cc = findAddresses(original.cc);
	const replyTo = others(findAddresses(original.reply_to));
	const isOwn = sender.length > 0 && others(sender).length === 0;

	if (toAll && isOwn) {
		const all = distinct([...to, ...replyTo]);
		return { to: all, cc: without(cc, all) };
	}
	const answered = [replyTo, others(sender), isOwn ? to : []].find((list) => list.length > 0) ?? [];
	return { to: answered, cc: toAll ? without(others(distinct([...to, ...cc])), answered) : [] };
}

/** How many mails of a conversation are named: they stand on one line of the header. */
const MOST_REFERENCES = 100;

/** The first mail of a conversation and the last ones, by which mail programs tell where an answer belongs. */
const shortened = (ids: string[]) =>
	ids.length > MOST_REFERENCES ? [...ids.slice(0, 1), ...ids.slice(1 - MOST_REFERENCES)] : ids;

/** What puts an answer into the conversation of a mail (RFC 5322, section 3.6.4, and Feishu's own headers). */
export function answerTo(original: Original, type: Answer['type']): Answer {
	const [inReplyTo] = messageIds(original.smtp_message_id);
	return {
		type,
		messageId: original.message_id,
		inReplyTo,
		references: shortened(messageIds([...messageIds(original.references), inReplyTo ?? ''])),
	};
}
