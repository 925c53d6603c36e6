import { composeMail } from './composedMail';
import type { Composition } from './composedMail';
import { fieldsOf, parseMail } from './parsedMail';
import { attached, eml, header, inline, multipart, part, text } from './testMails';

const parsed = async (mail: string) => await parseMail(Buffer.from(mail));

describe('a mail that is taken apart', () => {
	it('has addresses one by one, members of groups too, and keeps what is none', async () => {
		const mail = await parsed(
			eml({
				To: '"Lee, Ann" <ann@example.org>, nobody',
				Cc: 'Team: bob@example.org, carl@example.org;',
				Bcc: 'Empty:;',
			}),
		);
		expect(mail).toMatchObject({
			to: [{ mail_address: 'ann@example.org', name: 'Lee, Ann' }, { mail_address: 'nobody' }],
			cc: [{ mail_address: 'bob@example.org' }, { mail_address: 'carl@example.org' }],
			bcc: [],
		});
	});

	it('has the headers that join and describe it', async () => {
		const mail = await parsed(
			eml({
				'In-Reply-To': '<b@example.org>',
				References: '<a@example.org> <b@example.org>',
				'X-LMS-Reply-To-Message-Id': 'tfuh9N4WnzU6jdDw=',
				'X-LMS-Reply-Type': 'FORWARD',
				'X-Cli-Priority': '5',
				'Disposition-Notification-To': 'user@example.com',
				'X-Lms-Large-Attachment-Ids': Buffer.from('[{"id":"f1"}]').toString('base64'),
				'Message-ID': '<c@example.org>',
			}),
		);
		expect(mail).toMatchObject({
			smtp_message_id: 'c@example.org',
			in_reply_to: 'b@example.org',
			references: '<a@example.org> <b@example.org>',
			reply_to_message_id: 'tfuh9N4WnzU6jdDw=',
			reply_type: 'FORWARD',
			priority: '5',
			receipt_to: 'user@example.com',
			large_file_ids: ['f1'],
		});
	});

	it.each(['', 'bm8ganNvbg==', 'e30=', 'null'])('has no large files with the header %j', async (ids) => {
		expect((await parsed(eml({ 'X-Lms-Large-Attachment-Ids': ids }))).large_file_ids).toEqual([]);
	});

	it('has texts that are there, and no others', async () => {
		const [plain, html, both] = await Promise.all([
			parsed(eml({}, '您好\n\n再见')),
			parsed(header() + text('<p>您好</p>', 'html')),
			parsed(header() + multipart('alternative', text('您好'), text('<p>您好</p>', 'html'))),
		]);
		expect([plain.body_plain_text, plain.body_html]).toEqual(['您好\n\n再见', undefined]);
		expect([html.body_plain_text, html.body_html]).toEqual([undefined, '<p>您好</p>']);
		expect([both.body_plain_text, both.body_html]).toEqual(['您好', '<p>您好</p>']);
	});

	it('has a calendar apart from its files', async () => {
		const calendar = part('BEGIN:VCALENDAR', { 'Content-Type': 'text/calendar; method=REQUEST' });
		const mail = await parsed(
			header() + multipart('mixed', text('Hello'), calendar, attached('a.ics', 'file')),
		);
		expect(mail.body_calendar).toBe('BEGIN:VCALENDAR');
		expect(mail.attachments).toMatchObject([{ filename: 'a.ics', is_inline: false }]);
	});

	it.each(['related', 'mixed'])('has inline images, in %s, by the names of the HTML', async (subtype) => {
		const html = '<img src="cid:logo@1">';
		const mail = await parsed(
			header() + multipart(subtype, text(html, 'html'), inline('logo@1', Buffer.from([1, 2]))),
		);
		expect(mail).toMatchObject({
			body_html: html,
			attachments: [
				{ is_inline: true, cid: 'logo@1', content: Buffer.from([1, 2]), content_type: 'image/png' },
			],
		});
	});
});

describe('a mail that is put together', () => {
	const whole: Composition = {
		subject: '关于 2027 年度维护服务的报价，请查收附件并于本周五之前回复，谢谢',
		head_from: { mail_address: 'user@example.com', name: 'User "U", One' },
		to: [{ mail_address: 'ann@example.org', name: '王小明' }, { mail_address: 'bob@example.org' }],
		cc: [{ mail_address: 'carl@example.org' }],
		bcc: [{ mail_address: 'dora@example.org' }],
		reply_to: 'Desk <desk@example.com>',
		body_html: '<p>您好</p><img src="cid:a">',
		body_plain_text: '您好',
		internal_date: Date.parse('2026-06-15T12:00:00Z'),
		smtp_message_id: 'one@example.com',
		in_reply_to: '<zero@example.com>',
		references: '<minus@example.com>\r\n\t<zero@example.com>',
		attachments: [
			{
				id: '1',
				attachment_type: 1,
				filename: '报价 "1".pdf',
				content: () => Buffer.alloc(200, 1),
				is_inline: false,
			},
			{
				id: '2',
				attachment_type: 1,
				filename: 'a.PNG',
				content: Buffer.from('2'),
				is_inline: true,
				cid: 'a',
			},
		],
	};

	it('is the same when it is taken apart', async () => {
		const { subject, head_from, to, cc, bcc, body_html, body_plain_text } = whole;
		expect(await parseMail(composeMail(whole))).toMatchObject({
			...{ subject, head_from, to, cc, bcc, body_html, body_plain_text },
			smtp_message_id: 'one@example.com',
			in_reply_to: 'zero@example.com',
			references: '<minus@example.com> <zero@example.com>',
			attachments: [
				{
					filename: 'a.PNG',
					content_type: 'image/png',
					is_inline: true,
					cid: 'a',
					content: Buffer.from('2'),
				},
				{ filename: '报价 "1".pdf', is_inline: false, content: Buffer.alloc(200, 1) },
			],
		});
	});

	it('is as Feishu wants it: LF, ASCII, no folded headers', () => {
		const mail = composeMail(whole).toString('latin1');
		expect(mail).not.toMatch(/[^\n\x20-\x7e]/);
		expect(mail).not.toMatch(/\n[ \t]/);
		expect(mail).toContain('Date: Mon, 15 Jun 2026 12:00:00 +0000\n');
	});

	it('has an empty text if it has none', async () => {
		const bare = { ...whole, body_html: undefined, body_plain_text: undefined, attachments: [] };
		const mail = await parseMail(composeMail(bare));
		expect([mail.body_html, mail.body_plain_text ?? '', mail.attachments]).toEqual([undefined, '', []]);
	});
});

it('a mail of HTML alone leaves its text to the mailbox, one without texts has an empty one', async () => {
	const fields = async (mail: string) => fieldsOf(await parsed(mail));
	expect(await fields(header() + text('<p>A</p>', 'html'))).not.toHaveProperty('body_plain_text');
	expect(await fields(header() + attached('a.txt', '1'))).toMatchObject({ body_plain_text: '' });
});
