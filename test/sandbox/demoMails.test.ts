import { connect, mailboxPath, outcome } from './client';
import { addDemoMails } from './demoMails';
import { Sandbox } from './index';
import { bytesOf } from './mails';
import { eml, rawOf } from './testMails';

let sandbox: Sandbox;

beforeEach(async () => {
	sandbox = await Sandbox.start();
	addDemoMails(sandbox.mailbox, sandbox);
});
afterEach(async () => await sandbox.close());

const files = () => sandbox.mailbox.messages.flatMap(({ attachments }) => attachments);
const fileEnding = (end: string) => {
	const found = files().find(({ filename }) => filename.endsWith(end));
	return found ? bytesOf(found) : Buffer.alloc(0);
};

describe('the mails of the demo', () => {
	it('hold a conversation of three, unread ones, one with a label, files, a draft and spam', () => {
		const { messages, labels } = sandbox.mailbox;
		expect(messages).toHaveLength(10);
		const threads = new Map<string, number>();
		for (const { thread_id } of messages) threads.set(thread_id, (threads.get(thread_id) ?? 0) + 1);
		expect([...threads.values()]).toContain(3);
		expect(messages.filter(({ label_ids }) => label_ids.has('UNREAD'))).toHaveLength(5);
		expect(messages.filter(({ label_ids }) => label_ids.has(labels[0]?.id ?? ''))).toHaveLength(1);
		expect(new Set(messages.map(({ folder_id }) => folder_id))).toEqual(
			new Set(['INBOX', 'SENT', 'ARCHIVED', 'DRAFT', 'SPAM']),
		);
	});

	it('are not added twice', () => {
		const before = [...sandbox.mailbox.messages];
		addDemoMails(sandbox.mailbox, sandbox);
		expect(sandbox.mailbox.messages).toEqual(before);
		expect(sandbox.tenant.users).toHaveLength(2);
	});

	it('come with a template and signatures, whose images are shown and whose variables have values', () => {
		const { templates, signatures, signatureUsages } = sandbox.mailbox;
		const [template] = templates;
		for (const { content, images } of [
			{ content: template!.template_content, images: template!.attachments },
			...signatures,
		]) {
			for (const { cid, is_inline } of images) if (is_inline) expect(content).toContain(`"cid:${cid}"`);
		}
		expect(template!.attachments.map(({ is_inline }) => is_inline)).toEqual([true, false]);
		for (const { template_json_keys, user_fields = {}, content } of signatures) {
			expect(Object.keys(user_fields)).toEqual(template_json_keys);
			for (const key of template_json_keys) expect(content).toContain(`"id":"${key}"`);
		}
		expect(signatureUsages).toEqual([
			{
				email_address: 'user@example.com',
				send_mail_signature_id: signatures[0]!.id,
				reply_signature_id: signatures[1]!.id,
			},
		]);
		addDemoMails(sandbox.mailbox, sandbox);
		expect([templates.length, signatures.length]).toEqual([1, 2]);
	});

	it('come with a colleague, in whose mailbox a mail arrives', async () => {
		const client = connect(sandbox, sandbox.issueUserTokens().access_token);
		const raw = rawOf(eml({ To: 'li.na@example.com' }));
		expect(outcome(await client.post(mailboxPath('messages', 'me', 'send'), { raw }))).toEqual([200, 0]);
		expect(sandbox.tenant.findMailbox('li.na@example.com')?.messages).toMatchObject([{ subject: 'Plan' }]);
		expect(sandbox.tenant.users[1]).toMatchObject({
			name: '李娜',
			mailbox: { address: 'li.na@example.com' },
		});
	});

	it('have a PDF whose table of contents points to its objects', () => {
		const text = fileEnding('.pdf').toString('latin1');
		expect(text).toMatch(/^%PDF-1\.4\n/);
		const start = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(text)?.[1]);
		const [, ...offsets] = text.slice(start).match(/^\d{10}(?= \d{5} n)/gm) ?? [];
		expect(text.slice(start, start + 4)).toBe('xref');
		expect(offsets).toHaveLength(4);
		for (const [index, offset] of offsets.entries()) {
			expect(text.slice(Number(offset))).toMatch(new RegExp(`^${index + 2} 0 obj\n`));
		}
	});

	it('have an image that is shown in its mail, and a CSV file that spreadsheets read', () => {
		expect(fileEnding('.png').subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
		const [inline] = files().filter(({ is_inline }) => is_inline);
		const html = sandbox.mailbox.messages.map(({ body_html }) => body_html).join('');
		expect(html).toContain(`src="cid:${inline?.cid}"`);
		expect(fileEnding('地址.csv').toString()).toBe(
			'\uFEFF收件人,地址,电话\r\n王小明,"上海市浦东新区示例路 100 号, 8 楼",+86 21 5555 0100\r\n',
		);
	});
});
