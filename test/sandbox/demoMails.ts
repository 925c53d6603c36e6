import { addDemoTemplates } from './demoTemplates';
import { csvOf, pdfOf, pngOf } from './sampleFiles';
import type { Colour } from './sampleFiles';
import { newId } from './tenants';
import type { Clock, Mailbox, User } from './tenants';

const minute = 60 * 1000;
const hour = 60 * minute;
const day = 24 * hour;

const paper: Colour = [255, 255, 255];
const ink: Colour = [51, 112, 255];
const alarm: Colour = [245, 74, 69];

/** Whose mailbox mails can be seen to arrive in. */
export const colleague = { mail_address: 'li.na@example.com', name: '李娜' };

/** Columns of a chart, the last one of which stands out. */
function chart(heights: readonly number[]): Buffer {
	const [column, height] = [24, 120];
	return pngOf(column * heights.length, height, (x, y) => {
		const index = Math.floor(x / column);
		const isColumn = x % column > 4 && y >= height - (heights[index] ?? 0);
		if (!isColumn) return paper;
		return index === heights.length - 1 ? alarm : ink;
	});
}

/**
 * Puts mails into a mailbox that has none: what a mailbox holds on a weekday morning, in Chinese and English, with a
 * conversation, files, unread ones, one with a label of its own, a draft and spam. A colleague has a mailbox, too, in which
 * mails can be seen to arrive. A template and signatures come along.
 */
export function addDemoMails(mailbox: Mailbox, { user, clock }: { user: User; clock: Clock }): void {
	const { tenant } = user;
	if (tenant.findMailbox(colleague.mail_address) === undefined) {
		tenant.addUser({ name: colleague.name, mailbox: tenant.addMailbox(colleague.mail_address) });
	}
	addDemoTemplates(mailbox, { user, clock });
	if (mailbox.messages.length > 0) return;
	const now = clock.now();
	const own = { mail_address: mailbox.address, name: user.name };
	const wang = { mail_address: 'xiaoming.wang@acme.example', name: '王小明' };
	const ann = { mail_address: 'ann.lee@northwind.example', name: 'Ann Lee' };

	const invoices = { id: newId(), name: '发票 Invoices', background_color: 'orange', messages_unread: 0 };
	mailbox.labels.push(invoices);

	mailbox.receive({
		subject: 'Welcome to the team',
		head_from: { mail_address: 'people@example.com', name: 'People Team' },
		to: [own],
		body_html: '<p>Hi,</p><p>your accounts are ready. Lunch is at <b>12:30</b> on your first day.</p>',
		internal_date: now - 9 * day,
		label_ids: [],
		folder_id: 'ARCHIVED',
	});

	const enquiry = mailbox.receive({
		subject: '询价：2027 年度维护服务',
		head_from: wang,
		to: [own],
		cc: [colleague],
		body_html:
			'<p>您好，</p><p>我们计划续签维护服务，共 <b>12</b> 台设备，请于本周五前提供报价。</p><p>王小明<br>采购部</p>',
		internal_date: now - 2 * day,
		label_ids: ['IMPORTANT'],
	});
	const quotation = mailbox.receive({
		subject: `回复：${enquiry.subject}`,
		folder_id: 'SENT',
		head_from: own,
		to: [wang],
		cc: [colleague],
		body_html: '<p>王先生，您好！</p><p>报价单见附件，含税，有效期 30 天。</p>',
		in_reply_to: enquiry.smtp_message_id,
		references: `<${enquiry.smtp_message_id}>`,
		internal_date: now - 30 * hour,
		attachments: [
			{
				filename: '报价单 2027.pdf',
				content: pdfOf(['Quotation 2027', '', 'Maintenance, 12 devices x CNY 3,600', 'Total: CNY 43,200']),
			},
		],
	});
	mailbox.receive({
		subject: `Re: ${quotation.subject}`,
		head_from: wang,
		to: [own],
		body_html: '<p>收到，价格可以接受。合同请寄到附件中的地址。</p>',
		in_reply_to: quotation.smtp_message_id,
		references: `<${enquiry.smtp_message_id}> <${quotation.smtp_message_id}>`,
		internal_date: now - 50 * minute,
		label_ids: ['UNREAD', 'IMPORTANT'],
		attachments: [
			{
				filename: '收件地址.csv',
				content: csvOf([
					['收件人', '地址', '电话'],
					['王小明', '上海市浦东新区示例路 100 号, 8 楼', '+86 21 5555 0100'],
				]),
			},
		],
	});

	mailbox.receive({
		subject: 'Invoice INV-2026-1042 for October',
		head_from: { mail_address: 'billing@northwind.example', name: 'Northwind Billing' },
		to: [own],
		reply_to: 'Northwind Accounts <accounts@northwind.example>',
		body_html:
			'<p>Hello,</p><p>please find attached invoice <b>INV-2026-1042</b> over USD 1,280.00, due in 14 days.</p>',
		internal_date: now - 26 * hour,
		label_ids: ['UNREAD', invoices.id],
		attachments: [
			{
				filename: 'INV-2026-1042.pdf',
				content: pdfOf(['Invoice INV-2026-1042', '', 'Consulting (October): USD 1,280.00', 'Due in 14 days']),
			},
			{
				filename: 'hours.csv',
				content: csvOf([
					['Date', 'Task', 'Hours'],
					['2026-10-06', 'Workshop, day 1', 8],
					['2026-10-07', 'Workshop, day 2', 8],
				]),
			},
		],
	});

	mailbox.receive({
		subject: 'Orders stuck since 08:15',
		head_from: ann,
		to: [own],
		body_html:
			'<p>Since 08:15 no order reaches the warehouse. The chart:</p><p><img src="cid:orders"></p><p>Ann</p>',
		internal_date: now - 20 * minute,
		label_ids: ['UNREAD', 'FLAGGED'],
		priority_type: '1',
		attachments: [{ filename: 'orders.png', content: chart([70, 82, 75, 90, 86, 6]), cid: 'orders' }],
	});

	mailbox.receive({
		subject: '周会纪要 11 月第 3 周',
		head_from: colleague,
		to: [own],
		body_plain_text: '各位好：\n\n1. 新版邮件流程下周一上线。\n2. 客户名单请于周三前更新。\n\n李娜',
		internal_date: now - 4 * hour,
		label_ids: ['UNREAD'],
	});

	mailbox.receive({
		subject: 'Your weekly digest: automation tips',
		head_from: { mail_address: 'news@digest.example', name: 'Automation Digest' },
		to: [own],
		body_html:
			'<h2>This week</h2><ul><li>Five workflows that save an hour</li><li>Rate limits explained</li></ul>',
		internal_date: now - 3 * day,
		label_ids: ['OTHER'],
	});

	mailbox.receive({
		subject: 'Re: Invoice INV-2026-1042 for October',
		folder_id: 'DRAFT',
		head_from: own,
		to: [{ mail_address: 'accounts@northwind.example', name: 'Northwind Accounts' }],
		body_html: '<p>Thank you, we will pay by</p>',
		internal_date: now - 10 * minute,
	});

	mailbox.receive({
		subject: '恭喜您中奖！！！',
		head_from: { mail_address: 'winner@lottery.example', name: '抽奖中心' },
		to: [own],
		body_html: '<p>点击链接领取 <b>1,000,000</b> 元。</p>',
		internal_date: now - 6 * hour,
		folder_id: 'SPAM',
	});
}
