import type { Address } from '../../../nodes/FeishuMail/mime/addresses';
import {
	answerSubject,
	answerTo,
	replyRecipients,
	type Original,
} from '../../../nodes/FeishuMail/mime/reply';

describe('the subject of an answer', () => {
	it.each([
		['Plan', 'Re: Plan', 'Fwd: Plan'],
		['Re: Plan', 'Re: Plan', 'Fwd: Plan'],
		['RE: FW: fwd: re:Plan', 'Re: Plan', 'Fwd: Plan'],
		['计划', '回复：计划', '转发：计划'],
		['Re: 计划', '回复：计划', '转发：计划'],
		['回复：转发：Re: 计划', '回复：计划', '转发：计划'],
		['回复: Plan', '回复：Plan', '转发：Plan'],
		['おしらせ', '回复：おしらせ', '转发：おしらせ'],
		['한국어', 'Re: 한국어', 'Fwd: 한국어'],
		['Regarding: the plan', 'Re: Regarding: the plan', 'Fwd: Regarding: the plan'],
		['Plan Re: B', 'Re: Plan Re: B', 'Fwd: Plan Re: B'],
		['  Re:  ', 'Re:', 'Fwd:'],
		['', 'Re:', 'Fwd:'],
		[undefined, 'Re:', 'Fwd:'],
		[
			'\u200bRe: Plan\r\nBcc: eve@example.net',
			'Re: Plan Bcc: eve@example.net',
			'Fwd: Plan Bcc: eve@example.net',
		],
	])('%j', (subject, reply, forward) => {
		expect(answerSubject({ subject }, 'REPLY')).toBe(reply);
		expect(answerSubject({ subject }, 'FORWARD')).toBe(forward);
	});
});

const addresses = (list: string[]) => list.map((mail_address) => ({ mail_address }));

interface Case {
	from?: string;
	replyTo?: string;
	to?: string[];
	cc?: string[];
	reply: string[];
	all: { to: string[]; cc: string[] };
}

const cases: Record<string, Case> = {
	'a mail of somebody': {
		from: 'bob@x.com',
		to: ['me@x.com'],
		reply: ['bob@x.com'],
		all: { to: ['bob@x.com'], cc: [] },
	},
	'a mail to several': {
		from: 'bob@x.com',
		to: ['ME@x.com', 'carol@x.com'],
		cc: ['alias@x.com', 'dave@x.com', 'Carol@x.com', 'BOB@x.com'],
		reply: ['bob@x.com'],
		all: { to: ['bob@x.com'], cc: ['carol@x.com', 'dave@x.com'] },
	},
	'a Reply-To': {
		from: 'noreply@form.com',
		replyTo: 'customer@y.com',
		to: ['me@x.com', 'carol@x.com'],
		reply: ['customer@y.com'],
		all: { to: ['customer@y.com'], cc: ['carol@x.com'] },
	},
	'several in Reply-To, with names': {
		from: 'noreply@form.com',
		replyTo: '"Doe, Jane" <jane@y.com>, Team: bob@y.com, me@x.com;, JANE@y.com',
		to: ['me@x.com'],
		reply: ['jane@y.com', 'bob@y.com'],
		all: { to: ['jane@y.com', 'bob@y.com'], cc: [] },
	},
	'a Reply-To that is no address': {
		from: 'bob@x.com',
		replyTo: 'undisclosed-recipients:;',
		to: ['me@x.com'],
		reply: ['bob@x.com'],
		all: { to: ['bob@x.com'], cc: [] },
	},
	"a Reply-To of one's own": {
		from: 'bob@x.com',
		replyTo: 'alias@x.com',
		to: ['list@x.com'],
		reply: ['bob@x.com'],
		all: { to: ['bob@x.com'], cc: ['list@x.com'] },
	},
	"one's own mail": {
		from: 'ME@x.com',
		to: ['bob@x.com', 'carol@x.com'],
		cc: ['dave@x.com', 'bob@x.com'],
		reply: ['bob@x.com', 'carol@x.com'],
		all: { to: ['bob@x.com', 'carol@x.com'], cc: ['dave@x.com'] },
	},
	"one's own mail, sent by an alias": {
		from: 'alias@x.com',
		to: ['bob@x.com'],
		cc: ['me@x.com'],
		reply: ['bob@x.com'],
		all: { to: ['bob@x.com'], cc: ['me@x.com'] },
	},
	'a mail to oneself': {
		from: 'me@x.com',
		to: ['me@x.com'],
		reply: ['me@x.com'],
		all: { to: ['me@x.com'], cc: [] },
	},
	"one's own mail with a Reply-To": {
		from: 'me@x.com',
		replyTo: 'answers@y.com',
		to: ['bob@x.com'],
		cc: ['answers@y.com', 'dave@x.com'],
		reply: ['answers@y.com'],
		all: { to: ['bob@x.com', 'answers@y.com'], cc: ['dave@x.com'] },
	},
	"one's own mail with a Reply-To of one's own": {
		from: 'me@x.com',
		replyTo: 'me@x.com',
		to: ['bob@x.com'],
		reply: ['bob@x.com'],
		all: { to: ['bob@x.com'], cc: [] },
	},
	"one's own mail to hidden recipients": {
		from: 'me@x.com',
		reply: [],
		all: { to: [], cc: [] },
	},
	'a mail without a sender': {
		to: ['me@x.com', 'carol@x.com'],
		reply: [],
		all: { to: [], cc: ['carol@x.com'] },
	},
	'a mail where the sender is among the recipients': {
		from: 'bob@x.com',
		to: ['bob@x.com', 'me@x.com'],
		cc: ['undisclosed-recipients:;', 'not an address'],
		reply: ['bob@x.com'],
		all: { to: ['bob@x.com'], cc: [] },
	},
};

describe('who gets a reply to', () => {
	it.each(Object.entries(cases))('%s', (_, { from, replyTo, to, cc, reply, all }) => {
		const original: Original = {
			message_id: 'x',
			head_from: from && { mail_address: from, name: 'Name' },
			reply_to: replyTo,
			to: to && addresses(to),
			cc: cc && addresses(cc),
		};
		const own = ['Me@x.com', 'alias@x.com'];
		const shown = (list: Address[]) => list.map(({ mail_address }) => mail_address);
		const one = replyRecipients(original, { own, toAll: false });
		expect([shown(one.to), one.cc]).toEqual([reply, []]);
		const everyone = replyRecipients(original, { own, toAll: true });
		expect({ to: shown(everyone.to), cc: shown(everyone.cc) }).toEqual(all);
	});

	it('keeps names', () => {
		const original = { message_id: 'x', reply_to: '"Doe, Jane" <jane@y.com>' };
		expect(replyRecipients(original, { own: [], toAll: false }).to).toEqual([
			{ mail_address: 'jane@y.com', name: 'Doe, Jane' },
		]);
	});
});

describe('the conversation of an answer', () => {
	it.each([
		['3@y.com', '<1@y.com>\r\n\t<2@y.com>', '<3@y.com>', ['<1@y.com>', '<2@y.com>', '<3@y.com>']],
		['<3@y.com>', '1@y.com,2@y.com', '<3@y.com>', ['<1@y.com>', '<2@y.com>', '<3@y.com>']],
		['<3@y.com>', ['<1@y.com>', '3@y.com'], '<3@y.com>', ['<1@y.com>', '<3@y.com>']],
		['3@y.com', undefined, '<3@y.com>', ['<3@y.com>']],
		[undefined, '<1@y.com>', undefined, ['<1@y.com>']],
		[undefined, undefined, undefined, []],
	])('of %j after %j', (smtp_message_id, references, inReplyTo, chain) => {
		expect(answerTo({ message_id: 'tfuh9N4WnzU6jdDw=', smtp_message_id, references }, 'REPLY')).toEqual({
			type: 'REPLY',
			messageId: 'tfuh9N4WnzU6jdDw=',
			inReplyTo,
			references: chain,
		});
	});

	it('of very many mails names a hundred: the first and the last ones', () => {
		const ids = Array.from({ length: 20_000 }, (_, index) => `<${index}@y.com>`);
		const { references } = answerTo(
			{ message_id: 'x', smtp_message_id: 'last@y.com', references: ids },
			'REPLY',
		);
		expect(references).toHaveLength(100);
		expect([references[0], references.at(-2), references.at(-1)]).toEqual([
			'<0@y.com>',
			'<19999@y.com>',
			'<last@y.com>',
		]);
	});
});
