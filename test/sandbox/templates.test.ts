import type { AxiosInstance } from 'axios';

import { connect, dataOf, mailboxPath, outcome, signIn } from './client';
import { Sandbox } from './index';
import type { Template } from './index';

let sandbox: Sandbox;
let client: AxiosInstance;

const file = { id: 'file', filename: 'a.txt', attachment_type: 1, is_inline: false } as const;

beforeEach(async () => {
	sandbox = await Sandbox.start();
	client = await signIn(sandbox);
	sandbox.mailbox.driveFiles.push({ ...file, content: Buffer.from('A') });
});
afterEach(async () => await sandbox.close());

const path = mailboxPath('templates');
const pathOf = (id: string, action?: string) => mailboxPath('templates', 'user@example.com', id, action);
const create = async (template: unknown) => await client.post(path, { template });
const make = async (template: unknown) =>
	dataOf<{ template: Template }>(await create(template)).template.template_id;
const read = async (id: string) => dataOf<{ template: Template }>(await client.get(pathOf(id))).template;

const addresses = (count: number) =>
	Array.from({ length: count }, (_, index) => ({ mail_address: `${index}@example.com` }));

describe('template create', () => {
	it('stores the template and answers with it', async () => {
		const { data } = await create({ name: 'Welcome', attachments: [file] });
		const template = {
			template_id: expect.stringMatching(/^\d{19}$/) as string,
			name: 'Welcome',
			subject: '',
			template_content: '',
			is_plain_text_mode: false,
			tos: [],
			ccs: [],
			bccs: [],
			attachments: [file],
			create_time: expect.stringMatching(/^\d{13}$/) as string,
		};
		expect(data).toEqual({ code: 0, msg: 'success', data: { template } });
	});

	it.each<[string, unknown, number, number]>([
		['no template', undefined, 400, 1230001],
		['no name', {}, 400, 1230004],
		['a name of 101 characters', { name: 'x'.repeat(101) }, 400, 1230004],
		['a subject of 1001 characters', { name: 'x', subject: 'x'.repeat(1001) }, 400, 1230009],
		['101 recipients', { name: 'x', ccs: addresses(101) }, 400, 1230009],
		['a recipient without address', { name: 'x', tos: [{ name: 'x' }] }, 400, 1230009],
		['more than 3 MB of text', { name: 'x', template_content: '好'.repeat(1_048_577) }, 400, 1230006],
		['a file of somebody else', { name: 'x', attachments: [{ ...file, id: 'other' }] }, 403, 1230011],
	])('refuses %s', async (_, template, status, code) => {
		expect(outcome(await create(template))).toEqual([status, code]);
		expect(sandbox.mailbox.templates).toEqual([]);
	});

	it('refuses one too many, and files of more than 25 MB', async () => {
		sandbox.mailbox.driveFiles.push({ ...file, id: 'big', content: Buffer.alloc(25 * 1024 * 1024 + 1) });
		expect(outcome(await create({ name: 'x', attachments: [{ id: 'big' }] }))).toEqual([400, 1230008]);
		sandbox.mailbox.templateLimit = 0;
		expect(outcome(await create({ name: 'x' }))).toEqual([400, 1230005]);
	});
});

describe('a template', () => {
	it('is listed by its name, and read with all that it has', async () => {
		const id = await make({ name: 'Welcome', subject: 'Hi', tos: addresses(1) });
		const { items } = dataOf<{ items: unknown[] }>(await client.get(path));
		expect(items).toEqual([{ template_id: id, name: 'Welcome', create_time: expect.any(String) as string }]);
		expect(await read(id)).toMatchObject({ subject: 'Hi', tos: addresses(1) });
	});

	it('is replaced as a whole, and keeps files that are named again', async () => {
		const id = await make({ name: 'Welcome', subject: 'Hi', attachments: [file], is_plain_text_mode: true });
		await client.put(pathOf(id), { template: { name: 'Hello', attachments: [{ id: 'file' }] } });
		expect(await read(id)).toMatchObject({
			name: 'Hello',
			subject: '',
			is_plain_text_mode: false,
			attachments: [file],
		});
	});

	it.each(['get', 'put', 'delete'] as const)('that is not there: %s answers 1230007', async (method) => {
		const body = method === 'put' ? { template: { name: 'x' } } : undefined;
		expect(outcome(await client.request({ method, url: pathOf('1'), data: body }))).toEqual([404, 1230007]);
	});

	it('is deleted for good', async () => {
		const id = await make({ name: 'Welcome' });
		expect(outcome(await client.delete(pathOf(id)))).toEqual([200, 0]);
		expect(outcome(await client.delete(pathOf(id)))).toEqual([404, 1230007]);
	});

	it('gives links to its files, and says why not to others', async () => {
		const large = { ...file, id: 'large', attachment_type: 2 } as const;
		sandbox.mailbox.driveFiles.push({ ...large, content: Buffer.from('L') });
		const id = await make({ name: 'Welcome', attachments: [file, large] });
		const links = async (...ids: string[]) =>
			await client.get(
				`${pathOf(id, 'attachments/download_url')}?${ids.map((one) => `attachment_ids=${one}`).join('&')}`,
			);
		const { download_urls, failed_reasons } = dataOf<{
			download_urls: Array<{ attachment_id: string; download_url: string }>;
			failed_reasons: unknown[];
		}>(await links('file', 'large', 'nowhere'));
		expect(download_urls.map(({ attachment_id }) => attachment_id)).toEqual(['file']);
		expect((await connect(sandbox).get(download_urls[0]!.download_url)).data).toBe('A');
		expect(failed_reasons).toEqual([
			{ attachment_id: 'large', reason: 'large attachment not supported' },
			{ attachment_id: 'nowhere', reason: 'attachment not found' },
		]);
		expect(outcome(await links('nowhere'))).toEqual([404, 1230010]);
		expect(outcome(await links())).toEqual([400, 1230001]);
	});
});
