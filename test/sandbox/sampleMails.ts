import { csvOf, pdfOf } from './sampleFiles';
import type { MailAddress } from './mails';

/** A mail as somebody outside writes it. */
export interface SampleMail {
	from: MailAddress;
	subject: string;
	text: string;
}

const samples: Array<(order: number) => SampleMail> = [
	(order) => ({
		from: { mail_address: 'ann.lee@northwind.example', name: 'Ann Lee' },
		subject: `Order ${order}: when will it arrive?`,
		text: `Hello,\n\nour order ${order} was due yesterday. When will it arrive?\n\nAnn Lee\nNorthwind`,
	}),
	(order) => ({
		from: { mail_address: 'xiaoming.wang@acme.example', name: '王小明' },
		subject: `询价 ${order}：备件`,
		text: `您好，\n\n请报 ${order % 90 || 90} 套备件的价格，并告知交货期。谢谢！\n\n王小明\n采购部`,
	}),
	(order) => ({
		from: { mail_address: 'billing@northwind.example', name: 'Northwind Billing' },
		subject: `Invoice INV-${order}`,
		text: `Hello,\n\ninvoice INV-${order} over USD ${order}.00 is due in 14 days.\n\nNorthwind Billing`,
	}),
	(order) => ({
		from: { mail_address: 'wei.chen@acme.example', name: '陈伟' },
		subject: `会议改期：项目 ${order}`,
		text: `大家好，\n\n项目 ${order} 的会议改到明天下午三点，地点不变。\n\n陈伟`,
	}),
];

/** A sample mail: another one for each number, and with other words after each round. */
export function sampleMail(number: number): SampleMail {
	const sample = samples[(number - 1) % samples.length] as (order: number) => SampleMail;
	return sample(1000 + number);
}

/** The files that a sample mail can have. */
export function sampleFilesOf(number: number): Array<{ filename: string; content: Buffer }> {
	const order = 1000 + number;
	return [
		{
			filename: `order-${order}.pdf`,
			content: pdfOf([`Order ${order}`, '', `Spare parts: USD ${order}.00`, 'Due in 14 days']),
		},
		{
			filename: `items-${order}.csv`,
			content: csvOf([
				['Item', '名称', 'Quantity'],
				['Filter', '过滤器', 12],
				['Gasket, large', '垫圈（大）', 4],
			]),
		},
	];
}
