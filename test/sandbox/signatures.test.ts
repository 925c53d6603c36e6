import { connect, dataOf, mailboxPath, outcome, signIn } from './client';
import { addDemoTemplates } from './demoTemplates';
import { Sandbox } from './index';

let sandbox: Sandbox;

beforeEach(async () => {
	sandbox = await Sandbox.start();
	addDemoTemplates(sandbox.mailbox, sandbox);
});
afterEach(async () => await sandbox.close());

const path = mailboxPath('settings/signatures', 'me');

interface Shown {
	signatures: Array<{ id: string; signature_type: string; images: Array<Record<string, string>> }>;
	usages: unknown[];
}

describe('signatures', () => {
	it('are all listed at once, with what each address has, and links to their images', async () => {
		const client = connect(sandbox, sandbox.issueUserTokens().access_token);
		const { signatures, usages } = dataOf<Shown>(await client.get(path));
		expect(signatures.map(({ signature_type }) => signature_type)).toEqual(['USER', 'TENANT']);
		expect(usages).toEqual(sandbox.mailbox.signatureUsages);
		const [image] = signatures[0]!.images;
		expect(image).toMatchObject({ image_name: 'photo.png', cid: 'signature-photo' });
		const link = image!.download_url!;
		const answer = await connect(sandbox).get(link, { responseType: 'arraybuffer' });
		expect(String((answer.data as Buffer).length)).toBe(image!.file_size);
	});

	it('are for users only, of mailboxes that they may open', async () => {
		const app = await signIn(sandbox);
		expect(outcome(await app.get(mailboxPath('settings/signatures')))).toEqual([400, 99991663]);
		const client = connect(sandbox, sandbox.issueUserTokens().access_token);
		const other = mailboxPath('settings/signatures', 'nobody@example.com');
		expect(outcome(await client.get(other))).toEqual([403, 1230004]);
	});
});

describe('the page', () => {
	it('shows templates and signatures, with what they are used for', async () => {
		const { data } = await connect(sandbox).get<string>('/');
		for (const shown of [
			'欢迎 Welcome',
			'服务范围.csv',
			'公司签名 Company',
			'answers of user@example.com',
			'new mails of user@example.com',
		]) {
			expect(data).toContain(shown);
		}
	});
});
