import { csvOf, pngOf } from './sampleFiles';
import { newId } from './tenants';
import type { Clock, Mailbox, User } from './tenants';

/** A disc on white. */
function disc(size: number, colour: [number, number, number]): Buffer {
	const middle = (size - 1) / 2;
	return pngOf(size, size, (x, y) =>
		Math.hypot(x - middle, y - middle) < middle ? colour : [255, 255, 255],
	);
}

const image = (name: string, cid: string, content: Buffer) =>
	({
		id: `boxcn${newId()}`,
		filename: name,
		attachment_type: 1,
		is_inline: true,
		cid,
		content,
	}) as const;

const variable = (id: string) =>
	`<span data-variable-meta-props='${JSON.stringify({ id, type: 'text' })}'>{text}</span>`;

/**
 * Puts a template with a file, an image and a recipient into a mailbox that has none, and two signatures into one that has
 * none: of its owner, with an image, which new mails have; and of the company, with variables, which answers have.
 */
export function addDemoTemplates(mailbox: Mailbox, { user, clock }: { user: User; clock: Clock }): void {
	if (mailbox.templates.length === 0) {
		mailbox.templates.push({
			template_id: newId(),
			name: '欢迎 Welcome',
			subject: '欢迎使用 Acme 维护服务',
			template_content:
				'<p>您好，</p><p>感谢签约。服务范围见附件，我们的联系方式如下：</p><p><img src="cid:welcome-logo"></p>',
			is_plain_text_mode: false,
			tos: [],
			ccs: [{ mail_address: 'li.na@example.com', name: '李娜' }],
			bccs: [],
			attachments: [
				image('logo.png', 'welcome-logo', disc(64, [51, 112, 255])),
				{
					id: `boxcn${newId()}`,
					filename: '服务范围.csv',
					attachment_type: 1,
					is_inline: false,
					content: csvOf([
						['服务', '响应时间'],
						['远程支持', '4 小时'],
						['现场维修', '1 个工作日'],
					]),
				},
			],
			create_time: clock.now(),
		});
	}
	if (mailbox.signatures.length > 0) return;
	const [own, company] = [newId(), newId()];
	mailbox.signatures.push(
		{
			id: own,
			name: 'Personal',
			content: `<p><b>${user.name}</b><br><img src="cid:signature-photo"></p>`,
			signature_type: 'USER',
			signature_device: 'PC',
			template_json_keys: [],
			images: [image('photo.png', 'signature-photo', disc(48, [245, 74, 69]))],
		},
		{
			id: company,
			name: '公司签名 Company',
			content: `<div>${variable('B-NAME')} | ${variable('B-DEPARTMENT')}</div><div>${variable('B-ENTERPRISE-EMAIL')}</div>`,
			signature_type: 'TENANT',
			signature_device: 'PC',
			template_json_keys: ['B-NAME', 'B-DEPARTMENT', 'B-ENTERPRISE-EMAIL'],
			images: [],
			user_fields: {
				'B-NAME': { default_val: user.name, i18n_vals: { zh_cn: '沙盒用户', en_us: user.name, ja_jp: '' } },
				'B-DEPARTMENT': {
					default_val: '服务部',
					i18n_vals: { zh_cn: '服务部', en_us: 'Service', ja_jp: 'サービス部' },
				},
				'B-ENTERPRISE-EMAIL': { default_val: mailbox.address, i18n_vals: {} },
			},
		},
	);
	mailbox.signatureUsages.push({
		email_address: mailbox.address,
		send_mail_signature_id: own,
		reply_signature_id: company,
	});
}
