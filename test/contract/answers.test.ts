import { withUserAccessToken, type Client } from '@larksuiteoapi/node-sdk';

import { Sandbox, sendStatuses } from '../sandbox';
import { connectSdk, decoded } from '../sandbox/client';
import { eml, rawOf } from '../sandbox/testMails';

/** The SDK does not encode what it puts into a path. */
const encoded = encodeURIComponent;

let sandbox: Sandbox;
let sdk: Client;

beforeEach(async () => {
	sandbox = await Sandbox.start();
	sdk = connectSdk(sandbox);
});

afterEach(async () => await sandbox.close());

describe('the SDK, used as a client, gets from the sandbox what its types promise', () => {
	it('contacts: created, then listed page by page', async () => {
		const path = { user_mailbox_id: sandbox.mailbox.address };
		for (let number = 0; number < 45; number++) {
			const { code, data } = await sdk.mail.v1.userMailboxMailContact.create({
				path,
				data: { name: `联系人 ${number}`, mail_address: `${number}@example.com` },
			});
			expect(code).toBe(0);
			expect(data?.mail_contact).toMatchObject({
				name: `联系人 ${number}`,
				mail_address: `${number}@example.com`,
			});
		}
		const sizes: number[] = [];
		for await (const page of await sdk.mail.v1.userMailboxMailContact.listWithIterator({
			path,
			params: { page_size: 20 },
		})) {
			sizes.push(page?.items?.length ?? 0);
		}
		expect(sizes).toEqual([20, 20, 5]);
	});

	it('labels: created, then listed', async () => {
		const path = { user_mailbox_id: sandbox.mailbox.address };
		const { data } = await sdk.mail.v1.userMailboxLabel.create({
			path,
			data: { label: { name: '客户/亚洲', background_color: 'wathet' } },
		});
		expect(data?.label).toMatchObject({ name: '客户/亚洲', background_color: 'wathet', messages_unread: 0 });
		const list = await sdk.mail.v1.userMailboxLabel.list({ path });
		expect(list.data?.items).toEqual([data?.label]);
	});

	it('contacts: changed, then deleted', async () => {
		const path = { user_mailbox_id: sandbox.mailbox.address };
		const created = await sdk.mail.v1.userMailboxMailContact.create({ path, data: { name: '张三' } });
		const contactPath = { ...path, mail_contact_id: created.data!.mail_contact!.id! };
		const data = { name: '张三丰', company: 'Wudang' };
		expect((await sdk.mail.v1.userMailboxMailContact.patch({ path: contactPath, data })).data).toEqual({});
		expect(sandbox.mailbox.contacts).toEqual([expect.objectContaining(data)]);
		expect((await sdk.mail.v1.userMailboxMailContact.delete({ path: contactPath })).data).toEqual({});
		expect(sandbox.mailbox.contacts).toEqual([]);
	});

	it('labels: changed, read, then deleted', async () => {
		const path = { user_mailbox_id: sandbox.mailbox.address };
		const created = await sdk.mail.v1.userMailboxLabel.create({ path, data: { label: { name: '客户' } } });
		const labelPath = { ...path, label_id: created.data!.label!.id! };
		const label = { name: '客户/亚洲', background_color: 'lime' };
		const changed = await sdk.mail.v1.userMailboxLabel.patch({ path: labelPath, data: { label } });
		expect(changed.data?.label).toEqual({ ...created.data?.label, ...label });
		expect((await sdk.mail.v1.userMailboxLabel.get({ path: labelPath })).data).toEqual(changed.data);
		expect((await sdk.mail.v1.userMailboxLabel.delete({ path: labelPath })).data).toEqual({});
		expect((await sdk.mail.v1.userMailboxLabel.list({ path })).data?.items).toEqual([]);
	});

	it('rules: created, listed, changed, put in order, then deleted', async () => {
		const path = { user_mailbox_id: sandbox.mailbox.address };
		const { userMailboxRule: rules } = sdk.mail.v1;
		const data = {
			name: '发票',
			is_enable: true,
			ignore_the_rest_of_rules: false,
			condition: { match_type: 1, items: [{ type: 6, operator: 1, input: 'Invoice' }] },
			action: { items: [{ type: 3 }] },
		};
		const created = await rules.create({ path, data });
		const other = await rules.create({ path, data: { ...data, name: 'Other' } });
		expect(created.data?.rule).toMatchObject(data);
		const list = async () => (await rules.list({ path })).data?.items;
		expect(await list()).toEqual([created.data?.rule, other.data?.rule]);
		const [rule_id = '', second = ''] = [created, other].map((answer) => answer.data!.rule!.id!);
		const changed = { ...data, is_enable: false };
		expect((await rules.update({ path: { ...path, rule_id }, data: changed })).data).toEqual({});
		expect((await rules.reorder({ path, data: { rule_ids: [second, rule_id] } })).data).toEqual({});
		expect(await list()).toEqual([other.data?.rule, { ...changed, id: rule_id }]);
		expect((await rules.delete({ path: { ...path, rule_id: second } })).data).toEqual({});
		expect(await list()).toEqual([{ ...changed, id: rule_id }]);
	});

	it('aliases: created, listed, then deleted', async () => {
		const path = { user_mailbox_id: sandbox.mailbox.address };
		const { userMailboxAlias: aliases } = sdk.mail.v1;
		const alias = { primary_email: sandbox.mailbox.address, email_alias: 'sales@example.com' };
		const { email_alias } = alias;
		const created = await aliases.create({ path, data: { email_alias } });
		expect(created.data?.user_mailbox_alias).toEqual(alias);
		expect((await aliases.list({ path })).data?.items).toEqual([alias]);
		const deleted = await aliases.delete({ path: { ...path, alias_id: encoded(email_alias) } });
		expect(deleted.data).toEqual({});
		expect((await aliases.list({ path })).data?.items).toEqual([]);
	});

	it('folders: created, listed, changed, read, then deleted', async () => {
		const path = { user_mailbox_id: sandbox.mailbox.address };
		const { userMailboxFolder: folders } = sdk.mail.v1;
		const top = await folders.create({ path, data: { name: '项目', parent_folder_id: '0' } });
		const nested = await folders.create({
			path,
			data: { name: '2026', parent_folder_id: top.data!.folder!.id! },
		});
		expect(nested.data?.folder).toMatchObject({ folder_type: 2, unread_message_count: 0 });
		const list = async (folder_type?: number) =>
			(await folders.list({ path, params: { folder_type } })).data?.items;
		expect(await list(2)).toEqual([top.data?.folder, nested.data?.folder]);
		expect((await list(1))?.map(({ id: folder }) => folder)).toContain('INBOX');
		expect(await list()).toHaveLength((await list(1))!.length + 2);

		const folderPath = { ...path, folder_id: nested.data!.folder!.id! };
		const data = { name: '2027', parent_folder_id: '0' };
		expect((await folders.patch({ path: folderPath, data })).data).toEqual({});
		const read = await folders.get({ path: folderPath });
		expect(read.data?.folder).toEqual({ ...nested.data?.folder, ...data });
		expect((await folders.delete({ path: folderPath })).data).toEqual({});
		expect(await list(2)).toEqual([top.data?.folder]);
	});

	it('templates: created, listed, replaced, read, then deleted', async () => {
		const path = { user_mailbox_id: sandbox.mailbox.address };
		const { userMailboxTemplate: templates } = sdk.mail.v1;
		const content = Buffer.from([1, 2, 3]);
		const file = { id: 'file', filename: '一.bin', attachment_type: 1, is_inline: false } as const;
		sandbox.mailbox.driveFiles.push({ ...file, content });
		const template = { name: '欢迎', subject: 'Hi', tos: [{ mail_address: 'jane@example.com' }] };
		const created = await templates.create({
			path,
			data: { template: { ...template, attachments: [file] } },
		});
		expect(created.data?.template).toMatchObject({ ...template, attachments: [file], ccs: [] });
		const template_id = created.data!.template!.template_id!;
		expect((await templates.list({ path })).data?.items).toEqual([
			{ template_id, name: '欢迎', create_time: created.data?.template?.create_time },
		]);
		const one = { ...path, template_id };
		const { data } = await sdk.mail.v1.userMailboxTemplateAttachment.downloadUrl({
			path: one,
			params: { attachment_ids: ['file', 'nowhere'] },
		});
		const answer = await fetch(data!.download_urls![0]!.download_url!);
		expect(Buffer.from(await answer.arrayBuffer())).toEqual(content);
		expect(data?.failed_reasons?.map(({ attachment_id }) => attachment_id)).toEqual(['nowhere']);
		const replaced = await templates.update({ path: one, data: { template: { name: 'Hello' } } });
		expect(replaced.data?.template).toMatchObject({
			template_id,
			name: 'Hello',
			subject: '',
			attachments: [],
		});
		expect((await templates.get({ path: one })).data?.template).toEqual(replaced.data?.template);
		expect((await templates.delete({ path: one })).data).toEqual({});
		expect((await templates.list({ path })).data?.items).toEqual([]);
	});

	it('signatures of a user, with links to their images', async () => {
		const content = Buffer.from([1, 2, 3]);
		const image = { id: 'key', filename: 'a.png', cid: 'a', is_inline: true, attachment_type: 1 } as const;
		const signature = { id: '1', name: 'Mine', content: '<img src="cid:a">', template_json_keys: ['B-NAME'] };
		const user_fields = { 'B-NAME': { default_val: '张三', i18n_vals: { en_us: 'Zhang San' } } };
		sandbox.mailbox.signatures.push({
			...signature,
			signature_type: 'TENANT',
			signature_device: 'PC',
			images: [{ ...image, content }],
			user_fields,
		});
		const usage = {
			email_address: 'user@example.com',
			send_mail_signature_id: '1',
			reply_signature_id: '',
		};
		sandbox.mailbox.signatureUsages.push(usage);
		const asUser = withUserAccessToken(sandbox.issueUserTokens().access_token);
		const path = { user_mailbox_id: 'me' };
		const { data } = await sdk.mail.v1.userMailboxSetting.getSignatures({ path }, asUser);
		expect(data?.usages).toEqual([usage]);
		expect(data?.signatures).toMatchObject([
			{ ...signature, user_fields, images: [{ image_name: 'a.png', cid: 'a', file_size: '3' }] },
		]);
		const answer = await fetch(data!.signatures![0]!.images![0]!.download_url!);
		expect(Buffer.from(await answer.arrayBuffer())).toEqual(content);
	});

	it('messages: listed page by page, then read', async () => {
		const path = { user_mailbox_id: sandbox.mailbox.address };
		const { userMailboxMessage: messages } = sdk.mail.v1;
		for (let number = 0; number < 45; number++) sandbox.mailbox.receive({ subject: `邮件 ${number}` });
		const ids: string[] = [];
		for await (const page of await messages.listWithIterator({
			path,
			params: { page_size: 20, folder_id: 'INBOX', only_unread: true },
		})) {
			ids.push(...(page?.items ?? []));
		}
		expect(ids).toHaveLength(45);
		const data = { message_ids: ids.slice(0, 20), format: 'full' as const };
		const read = (await messages.batchGet({ path, data })).data?.messages ?? [];
		expect(read.map(({ subject }) => subject).sort()).toEqual(
			Array.from({ length: 20 }, (_, index) => `邮件 ${44 - index}`).sort(),
		);
		const one = { ...path, message_id: encoded(ids[0]!) };
		const { data: got } = await messages.get({ path: one, params: { format: 'plain_text_full' } });
		expect(got?.message).toMatchObject({ message_id: ids[0], folder_id: 'INBOX', message_state: 1 });
		expect(got?.message?.body_html).toBeUndefined();
		expect(decoded(got?.message?.body_plain_text)).toBe('Text of mail 45');
	});

	it('messages: changed and trashed, one by one and several at once', async () => {
		const path = { user_mailbox_id: sandbox.mailbox.address };
		const { userMailboxMessage: messages } = sdk.mail.v1;
		const mails = Array.from({ length: 3 }, () => sandbox.mailbox.receive());
		const message_ids = mails.map(({ message_id }) => message_id);
		const one = { ...path, message_id: encoded(message_ids[0]!) };
		const state = () => mails.map(({ folder_id, label_ids }) => [folder_id, ...label_ids].join(' '));
		const flag = { add_label_ids: ['FLAGGED'], remove_label_ids: ['UNREAD'] };
		expect((await messages.modify({ path: one, data: flag })).data).toEqual({});
		expect(state()).toEqual(['INBOX FLAGGED', 'INBOX UNREAD', 'INBOX UNREAD']);
		const archive = { message_ids, remove_label_ids: ['UNREAD'], add_folder: 'ARCHIVED' };
		expect((await messages.batchModify({ path, data: archive })).data).toEqual({});
		expect(state()).toEqual(['ARCHIVED FLAGGED', 'ARCHIVED', 'ARCHIVED']);
		expect((await messages.trash({ path: one })).data).toEqual({});
		expect((await messages.batchTrash({ path, data: { message_ids } })).data).toEqual({});
		expect(state()).toEqual(['TRASH FLAGGED', 'TRASH', 'TRASH']);
	});

	it('attachments: links, which give the bytes', async () => {
		const content = Buffer.from([1, 2, 3]);
		const { message_id, attachments } = sandbox.mailbox.receive({
			attachments: [
				{ filename: '一.bin', content },
				{ filename: '二.bin', content },
			],
		});
		const ids = attachments.map(({ id: attachment }) => attachment);
		const { data } = await sdk.mail.v1.userMailboxMessageAttachment.downloadUrl({
			path: { user_mailbox_id: sandbox.mailbox.address, message_id: encoded(message_id) },
			params: { attachment_ids: [...ids, 'nowhere'] },
		});
		expect(data?.download_urls?.map(({ attachment_id }) => attachment_id)).toEqual(ids);
		expect(data?.failed_ids).toEqual(['nowhere']);
		for (const { download_url: url } of data?.download_urls ?? []) {
			const answer = await fetch(url!);
			expect(Buffer.from(await answer.arrayBuffer())).toEqual(content);
		}
		expect(sandbox.tokenLeaks).toEqual([]);
	});

	it('threads: listed, read, changed and trashed', async () => {
		const path = { user_mailbox_id: sandbox.mailbox.address };
		const { userMailboxThread: threads } = sdk.mail.v1;
		const first = sandbox.mailbox.receive();
		const answer = sandbox.mailbox.receive({ in_reply_to: first.smtp_message_id, folder_id: 'SENT' });
		const thread_id = first.thread_id;
		const one = { ...path, thread_id: encoded(thread_id) };
		const state = () =>
			[first, answer].map(({ folder_id, label_ids }) => [folder_id, ...label_ids].join(' '));
		const list = await threads.list({ path, params: { page_size: 20, folder_id: 'INBOX' } });
		expect(list.data?.items?.map(({ id: thread }) => thread)).toEqual([thread_id]);
		expect(decoded(list.data?.items?.[0]?.body_preview)).toBe('Text of mail 2');
		const read = await threads.get({ path: one, params: { format: 'metadata' } });
		expect(read.data?.thread).toMatchObject({
			id: thread_id,
			messages: expect.arrayContaining(
				[first, answer].map(({ message_id }) => expect.objectContaining({ message_id })),
			),
		});
		const changes = { add_label_ids: ['FLAGGED'], remove_label_ids: ['UNREAD'] };
		expect((await threads.modify({ path: one, data: changes })).data).toEqual({});
		expect(state()).toEqual(['INBOX FLAGGED', 'SENT FLAGGED']);
		const archive = { thread_ids: [thread_id], add_folder: 'ARCHIVED' };
		expect((await threads.batchModify({ path, data: archive })).data).toEqual({});
		expect(state()).toEqual(['ARCHIVED FLAGGED', 'ARCHIVED FLAGGED']);
		expect((await threads.trash({ path: one })).data).toEqual({});
		expect((await threads.batchTrash({ path, data: { thread_ids: [thread_id] } })).data).toEqual({});
		expect(state()).toEqual(['TRASH FLAGGED', 'TRASH FLAGGED']);
	});

	it('a user: the mails found by a search, page by page, and the addresses', async () => {
		const path = { user_mailbox_id: 'me' };
		const { userMailbox, userMailboxSetting } = sdk.mail.v1;
		const asUser = withUserAccessToken(sandbox.issueUserTokens().access_token);
		for (let number = 0; number < 20; number++) sandbox.mailbox.receive({ subject: `报价 ${number}` });
		sandbox.mailbox.receive({ subject: '发票' });
		const data = { query: '报价', filter: { folder: ['inbox'], is_unread: true } };
		const first = await userMailbox.search({ path, data, params: { page_size: 15 } }, asUser);
		const { items = [], total, has_more, page_token } = first.data ?? {};
		expect([items.length, total, has_more]).toEqual([15, 20, true]);
		const rest = await userMailbox.search({ path, data, params: { page_size: 15, page_token } }, asUser);
		expect([...items, ...rest.data!.items].map(({ meta_data }) => meta_data?.message_biz_id)).toEqual(
			sandbox.mailbox.messages
				.slice(0, 20)
				.map(({ message_id }) => message_id)
				.reverse(),
		);
		const profile = await userMailbox.profile({ path }, asUser);
		expect(profile.data?.primary_email_address).toBe(sandbox.mailbox.address);
		const accessible = await userMailbox.accessibleMailboxes({ path }, asUser);
		expect(accessible.data?.accessible_mailboxes).toEqual([
			{ email_address: sandbox.mailbox.address, email_type: 'USER_PRIMARY' },
		]);
		const sendable = await userMailboxSetting.sendAs({ path }, asUser);
		expect(sendable.data?.sendable_addresses).toEqual([
			{ email_address: sandbox.mailbox.address, email_type: 'USER_PRIMARY', name: sandbox.user.name },
		]);
	});

	/** What only a user may do: the sandbox's own one, in the own mailbox. */
	const asUser = () => withUserAccessToken(sandbox.issueUserTokens().access_token);
	const path = { user_mailbox_id: 'me' };

	it('a mail that is sent once: its delivery, its recall and what became of that', async () => {
		const { userMailboxMessage: messages, userMailboxSentMessage: sentMessages } = sdk.mail.v1;
		sandbox.tenant.addMailbox('ann@example.com');
		const data = { raw: rawOf(eml({ Subject: 'Offer', To: 'Ann <ann@example.com>, bob@example.org' })) };
		const sent = await messages.send({ path, data }, asUser());
		const { message_id = '', thread_id } = sent.data ?? {};
		expect(sandbox.mailbox.messages).toMatchObject([{ message_id, thread_id, folder_id: 'SENT' }]);
		await expect(messages.send({ path, data }, asUser())).rejects.toMatchObject({
			response: { status: 409, data: { code: 1236005 } },
		});
		expect(sandbox.sentMails).toHaveLength(1);

		const one = { path: { ...path, message_id: encoded(message_id) } };
		const delivered = await messages.sendStatus(one, asUser());
		const { delivered: status } = sendStatuses;
		const last_updated_time = expect.any(Number) as number;
		expect(delivered.data).toEqual({
			message_id,
			details: [
				{ recipient: { mail_address: 'ann@example.com', name: 'Ann' }, status, last_updated_time },
				{ recipient: { mail_address: 'bob@example.org' }, status, last_updated_time },
			],
		});

		expect((await sentMessages.recall(one, asUser())).data).toEqual({ recall_status: 'available' });
		expect((await sentMessages.recall(one, asUser())).data).toEqual({
			recall_status: 'unavailable',
			recall_restriction_reason: 'already_recalled',
		});
		expect((await sentMessages.getRecallDetail(one, asUser())).data).toMatchObject({
			recall_status: 'in_progress',
			recall_result: 'processing',
			processing_count: 2,
		});
		sandbox.clock.advance(sandbox.mailChoices.recallTime);
		expect((await sentMessages.getRecallDetail(one, asUser())).data).toMatchObject({
			recall_status: 'done',
			recall_result: 'some_fail',
			success_count: 1,
			failure_count: 1,
			processing_count: 0,
			items: [
				{ recipient_address: 'ann@example.com', recipient_name: 'Ann', status: 'success' },
				{ recipient_address: 'bob@example.org', status: 'fail', fail_reason: 'not_using_lark_mail' },
			],
		});
	});

	it('a mail of which the SDK gives the fields', async () => {
		const content = Buffer.from([1, 2, 3]);
		const { data } = await sdk.mail.v1.userMailboxMessage.send(
			{
				path,
				data: {
					subject: '报价',
					to: [{ mail_address: 'ann@example.com', name: '安' }],
					body_html: '<p>你好</p>',
					attachments: [{ filename: '报价.pdf', body: content.toString('base64url') }],
					head_from: { name: 'Sales' },
				},
			},
			asUser(),
		);
		const [{ message_id, mail } = {}] = sandbox.sentMails;
		expect(message_id).toBe(data?.message_id);
		expect(mail).toMatchObject({
			subject: '报价',
			head_from: { mail_address: sandbox.mailbox.address, name: 'Sales' },
			to: [{ mail_address: 'ann@example.com', name: '安' }],
			body_html: '<p>你好</p>',
			attachments: [{ filename: '报价.pdf', content }],
		});
	});

	it('drafts: created, listed page by page, read in every format, changed, sent and deleted', async () => {
		const { userMailboxDraft: drafts } = sdk.mail.v1;
		const ids: string[] = [];
		for (let number = 0; number < 3; number++) {
			const raw = rawOf(eml({ Subject: `Draft ${number}` }, `Text ${number}`));
			const { data } = await drafts.create({ path, data: { raw } }, asUser());
			ids.push(data!.draft!.id!);
		}
		const list = async () => {
			const listed: string[] = [];
			const params = { page_size: 2 };
			for await (const page of await drafts.listWithIterator({ path, params }, asUser())) {
				for (const { id } of page?.items ?? []) listed.push(id!);
			}
			return listed.sort();
		};
		expect(await list()).toEqual([...ids].sort());

		const [first = '', second = '', third = ''] = ids;
		const at = (id: string) => ({ ...path, draft_id: encoded(id) });
		const read = async (format: 'full' | 'metadata' | 'raw') => {
			const { data } = await drafts.get({ path: at(first), params: { format } }, asUser());
			expect(data?.draft?.id).toBe(first);
			// The types know no source here.
			return { raw: undefined, ...data?.draft?.message };
		};
		const full = await read('full');
		expect(full).toMatchObject({ subject: 'Draft 0', folder_id: 'DRAFT', message_state: 3 });
		expect(decoded(full.body_plain_text)).toBe('Text 0');
		const metadata = await read('metadata');
		expect(metadata).toMatchObject({ subject: 'Draft 0', to: [{ mail_address: 'bob@example.org' }] });
		expect(metadata.body_plain_text).toBeUndefined();
		expect(decoded((await read('raw')).raw)).toMatch(/^Subject: Draft 0$/m);

		const raw = rawOf(eml({ Subject: 'Changed' }, 'Other text'));
		const updated = await drafts.update({ path: at(first), data: { raw } }, asUser());
		expect(updated.data?.draft?.id).toBe(first);
		expect((await read('full')).subject).toBe('Changed');

		const sent = await drafts.send({ path: at(first), data: {} }, asUser());
		const [{ message } = {}] = sandbox.sentMails;
		expect(sent.data).toEqual({
			message_id: message?.message_id,
			thread_id: message?.thread_id,
			recall_status: 'available',
		});
		expect(message).toMatchObject({ subject: 'Changed', folder_id: 'SENT' });
		expect((await drafts.delete({ path: at(second) }, asUser())).data).toEqual({});
		expect(await list()).toEqual([third]);
	});

	it('a draft that is not sent because programs may not send', async () => {
		const { userMailboxDraft: drafts } = sdk.mail.v1;
		sandbox.mailbox.sending.automationDisabled = { reason: 'switched off by the user' };
		const { data } = await drafts.create({ path, data: { raw: rawOf(eml()) } }, asUser());
		const draftPath = { ...path, draft_id: encoded(data!.draft!.id!) };
		const sent = await drafts.send({ path: draftPath }, asUser());
		expect(sent.data?.message_id).toBeUndefined();
		expect(sent.data?.automation_send_disable).toEqual({
			reason: 'switched off by the user',
			reference: expect.stringMatching(/^https:/) as string,
		});
		expect(sandbox.sentMails).toEqual([]);
	});

	it('a mail that is scheduled, and a draft again when that is cancelled', async () => {
		const { userMailboxDraft: drafts } = sdk.mail.v1;
		const created = await drafts.create({ path, data: { raw: rawOf(eml({ Subject: 'Later' })) } }, asUser());
		const draft_id = created.data!.draft!.id!;
		const inAnHour = Math.ceil(sandbox.clock.now() / 1000) + 3600;
		const scheduled = await drafts.send(
			{ path: { ...path, draft_id: encoded(draft_id) }, data: { send_time: String(inAnHour) } },
			asUser(),
		);
		const { message_id = '' } = scheduled.data ?? {};
		const place = () => sandbox.mailbox.messages.map(({ subject, folder_id }) => [subject, folder_id]);
		expect(place()).toEqual([['Later', 'SCHEDULED']]);
		const cancelPath = { ...path, message_id: encoded(message_id) };
		expect((await drafts.cancelScheduledSend({ path: cancelPath }, asUser())).data).toEqual({});
		expect(place()).toEqual([['Later', 'DRAFT']]);
		sandbox.clock.advance(2 * 3600 * 1000);
		expect(sandbox.sentMails).toEqual([]);
	});

	it('a refusal with code and log id', async () => {
		const refused = sdk.mail.v1.userMailboxLabel.create({
			path: { user_mailbox_id: 'nobody@example.com' },
			data: { label: { name: 'x' } },
		});
		await expect(refused).rejects.toMatchObject({
			response: { status: 400, data: { code: 1234013, error: { log_id: expect.any(String) } } },
		});
	});
});
