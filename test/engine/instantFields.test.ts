import { NodeOperationError, type INodeParameters } from 'n8n-workflow';

import { FeishuMailInstantTrigger } from '../../nodes/FeishuMail/FeishuMailInstantTrigger.node';
import { contentOf, keepFilesIn } from './engine';
import { active, bothCredentials, instant, receive, started, steered } from './instantStage';
import { connected, credentialOf, engine, locate, sandbox } from './stage';
import { until } from './until';
import { addFolder, addLabel, MODIFY } from './watching';

const MINUTE = 60_000;

beforeAll(async () => await keepFilesIn('memory'));

describe('the lists of the panel', () => {
	const nodeType = new FeishuMailInstantTrigger();

	it('hold the folders and labels of the user', async () => {
		addFolder('Projects', '700');
		addLabel('VIP');
		const credential = await connected();
		const parameters = { userMailboxId: 'me' };
		const valuesOf = async (method: string) =>
			(await engine.search(method, parameters, { credential, nodeType })).results.map(({ value }) => value);
		expect(await valuesOf('searchFolders')).toEqual(expect.arrayContaining(['INBOX', 'SENT', '700']));
		expect(await valuesOf('searchMailLabels')).toEqual(expect.arrayContaining(['FLAGGED', '800']));
		const labels = await engine.loadOptions('getMailLabels', parameters, credential, nodeType);
		expect(labels.map(({ value }) => value)).toEqual(expect.arrayContaining(['FLAGGED', '800']));
	});

	it('belong to fields that ask for the right ones', () => {
		const methods = JSON.stringify(nodeType.description.properties).match(
			/"(searchListMethod|loadOptionsMethod)":"\w+"/g,
		);
		expect(methods!.length).toBeGreaterThan(0);
		for (const method of methods!) {
			const [, name] = /:"(\w+)"/.exec(method)!;
			expect({ ...nodeType.methods.listSearch, ...nodeType.methods.loadOptions }).toHaveProperty(name!);
		}
	});

	it('act for the user without a field that asks for it', () => {
		const [authentication] = nodeType.description.properties.filter(({ name }) => name === 'authentication');
		expect(authentication).toMatchObject({ type: 'hidden', default: 'oAuth2' });
		expect(nodeType.description.credentials).toMatchObject([
			{ name: 'feishuMailApi', required: true },
			{ name: 'feishuMailOAuth2Api', required: true },
		]);
	});
});

describe('outputs', () => {
	const fields = { subject: 'Quote', body_html: '<p>您好</p>', body_plain_text: '您好' };

	it.each<[string, object]>([
		['simplified', { body_plain_text: '您好', folder_id: 'INBOX', attachments: [] }],
		['full', { body_plain_text: '您好', body_html: '<p>您好</p>', message_state: 1 }],
		['metadata', { body_preview: '您好' }],
	])('%s', async (output, expected) => {
		const listening = await active({ output });
		const { message_id } = receive(fields);
		await started(listening, 'Quote');
		expect(listening.items).toEqual([expect.objectContaining({ message_id, ...expected })]);
		expect('body_html' in listening.items[0]!).toBe(output === 'full');
		expect('body_plain_text' in listening.items[0]!).toBe(output !== 'metadata');
		// A test gives the same.
		expect(await listening.test()).toEqual(listening.executions[0]);
	});

	it('with attachments in binary fields, also in a test', async () => {
		const listening = await active({ options: { downloadAttachments: true, attachmentsPrefix: 'file' } });
		receive({
			subject: 'Two files',
			attachments: ['a.pdf', 'b.txt'].map((filename) => ({ filename, content: Buffer.from(filename) })),
		});
		await started(listening, 'Two files');
		for (const [item] of [listening.executions[0]!, (await listening.test())!]) {
			const files = Object.entries(item!.binary!).map(async ([name, data]) => [
				name,
				data.fileName,
				(await contentOf(data)).toString(),
			]);
			expect(await Promise.all(files)).toEqual([
				['file0', 'a.pdf', 'a.pdf'],
				['file1', 'b.txt', 'b.txt'],
			]);
		}
	});
});

describe('a test in the editor', () => {
	it.each<[string, INodeParameters, string | undefined]>([
		['of the newest that passes the filters', { filters: { subject: 'mail 1' } }, 'Mail 19'],
		['of a folder', { folderId: locate('name', 'Projects') }, 'Filed'],
		['of a label that no mail has', { source: 'label', labelId: locate('id', 'FLAGGED') }, undefined],
	])('%s', async (_, parameters, subject) => {
		addFolder('Projects', '700');
		receive({ subject: 'Filed', folder_id: '700' });
		for (let number = 0; number < 25; number++) receive({ subject: `Mail ${number}` });
		const listening = await instant(parameters);
		const items = await listening.test();
		expect(items && items.map(({ json }) => json.subject)).toEqual(subject === undefined ? null : [subject]);
		expect(sandbox.requestsTo('mail.event.subscribe')).toEqual([]);
		expect(sandbox.events.opened).toBe(0);
	});

	it('tells what would keep the workflow from being published', async () => {
		const feishuMailApi = await credentialOf(sandbox.tenant.addApp());
		const listening = await instant({}, { credentials: { ...(await bothCredentials()), feishuMailApi } });
		const error: unknown = await listening.test().catch((thrown: unknown) => thrown);
		expect(error).toBeInstanceOf(NodeOperationError);
		expect(error).toMatchObject({
			message: expect.stringContaining('The credentials are of different apps'),
			description: expect.stringContaining('choose credentials of the same app'),
		});
	});
});

describe('Mark as Read', () => {
	it('marks what was delivered, and nothing else', async () => {
		const listening = await active({ options: { markAsRead: true }, filters: { subject: 'wanted' } });
		const other = receive({ subject: 'Other' });
		const wanted = receive({ subject: 'Wanted' });
		await started(listening, 'Wanted');
		await until(() => !wanted.label_ids.has('UNREAD'));
		expect(other.label_ids.has('UNREAD')).toBe(true);
	});

	it('marks those of unread mails that were delivered with the next look, which comes soon', async () => {
		const listening = await active({ options: { markAsRead: true }, filters: { readStatus: 'unread' } });
		const mail = receive({ subject: 'New' });
		await started(listening, 'New');
		await steered.pass(MINUTE + 1000);
		expect(mail.label_ids.has('UNREAD')).toBe(false);
		await steered.pass(16 * MINUTE);
		await started(listening, 'New');
		expect(sandbox.requestsTo(MODIFY)).toHaveLength(1);
	});

	it('that fails is tried again soon', async () => {
		const listening = await active({ options: { markAsRead: true } });
		sandbox.fail({ api: MODIFY, on: [1, 2, 3], with: { kind: 'html' } });
		const mail = receive({ subject: 'New' });
		await steered.pass(20_000);
		await started(listening, 'New');
		expect(mail.label_ids.has('UNREAD')).toBe(true);
		await steered.pass(MINUTE + 1000);
		expect(mail.label_ids.has('UNREAD')).toBe(false);
		expect(listening.errors).toEqual([]);
	});
});
