import fc from 'fast-check';
import type { INodeParameters } from 'n8n-workflow';

import type { Mailbox, NewMessage } from '../sandbox';
import { byId, contract, encoded, type Contract, type Mail } from './contract';
import { anyOf, colour, id, ids, text } from './generated';
import { outgoing } from './outgoing';

const nothing = fc.constant({});

/** Of a folder that somebody has created; 0 is the top level. */
const ownFolder = id.filter((value) => value !== '0');

const contactFields = {
	company: text(64),
	mail_address: fc.emailAddress(),
	phone: text(40),
	position: text(64),
	remark: text(1000),
	tag: text(64),
};

const contactParameters = {
	company: '={{ $json.data.company }}',
	mailAddress: '={{ $json.data.mail_address }}',
	phone: '={{ $json.data.phone }}',
	position: '={{ $json.data.position }}',
	remark: '={{ $json.data.remark }}',
	tag: '={{ $json.data.tag }}',
};

const contacts = [
	contract({
		title: 'contact create',
		api: 'mail.contact.create',
		parameters: {
			resource: 'contact',
			operation: 'create',
			name: '={{ $json.data.name }}',
			additionalFields: contactParameters,
		},
		fields: fc.record({
			data: fc.record({ name: text(64), ...contactFields }, { requiredKeys: ['name'] }),
		}),
		send: (mail, { path, data }, as) => mail.userMailboxMailContact.create({ path, data }, as),
	}),
	contract({
		title: 'contact list',
		api: 'mail.contact.list',
		parameters: { resource: 'contact', operation: 'getAll', limit: '={{ $json.limit }}' },
		fields: fc.record({ limit: fc.integer({ min: 1, max: 20 }) }),
		send: (mail, { path, limit: page_size }, as) =>
			mail.userMailboxMailContact.list({ path, params: { page_size } }, as),
	}),
	contract({
		title: 'contact patch',
		api: 'mail.contact.patch',
		parameters: {
			resource: 'contact',
			operation: 'update',
			contactId: byId(),
			name: '={{ $json.data.name }}',
			updateFields: contactParameters,
			options: { keepOtherFields: false },
		},
		fields: fc.record({
			id,
			data: fc.record(
				{
					name: text(64),
					company: text(64, 0),
					mail_address: fc.oneof(fc.emailAddress(), fc.constant('')),
					phone: text(40, 0),
					position: text(64, 0),
					remark: text(1000, 0),
					tag: text(64, 0),
				},
				{ requiredKeys: ['name'] },
			),
		}),
		send: (mail, { path, id: contact, data }, as) =>
			mail.userMailboxMailContact.patch({ path: { ...path, mail_contact_id: encoded(contact) }, data }, as),
	}),
	contract({
		title: 'contact delete',
		api: 'mail.contact.delete',
		parameters: { resource: 'contact', operation: 'delete', contactId: byId() },
		fields: fc.record({ id }),
		send: (mail, { path, id: contact }, as) =>
			mail.userMailboxMailContact.delete({ path: { ...path, mail_contact_id: encoded(contact) } }, as),
	}),
];

const labels = [
	contract({
		title: 'label create',
		api: 'mail.label.create',
		parameters: {
			resource: 'label',
			operation: 'create',
			name: '={{ $json.label.name }}',
			backgroundColor: '={{ $json.label.background_color }}',
		},
		fields: fc.record({
			label: fc.record({ name: text(255), background_color: colour }, { requiredKeys: ['name'] }),
		}),
		send: (mail, { path, label }, as) => mail.userMailboxLabel.create({ path, data: { label } }, as),
	}),
	contract({
		title: 'label list',
		api: 'mail.label.list',
		parameters: { resource: 'label', operation: 'getAll' },
		fields: nothing,
		send: (mail, { path }, as) => mail.userMailboxLabel.list({ path }, as),
	}),
	contract({
		title: 'label get',
		api: 'mail.label.get',
		parameters: { resource: 'label', operation: 'get', labelId: byId() },
		fields: fc.record({ id }),
		send: (mail, { path, id: label }, as) =>
			mail.userMailboxLabel.get({ path: { ...path, label_id: encoded(label) } }, as),
	}),
	contract({
		title: 'label patch',
		api: 'mail.label.patch',
		parameters: {
			resource: 'label',
			operation: 'update',
			labelId: byId(),
			updateFields: {
				name: '={{ $json.label.name }}',
				backgroundColor: '={{ $json.label.background_color }}',
			},
		},
		fields: fc.record({ id, label: anyOf({ name: text(255), background_color: colour }) }),
		send: (mail, { path, id: changed, label }, as) =>
			mail.userMailboxLabel.patch({ path: { ...path, label_id: encoded(changed) }, data: { label } }, as),
	}),
	contract({
		title: 'label delete',
		api: 'mail.label.delete',
		parameters: { resource: 'label', operation: 'delete', labelId: byId() },
		fields: fc.record({ id }),
		send: (mail, { path, id: label }, as) =>
			mail.userMailboxLabel.delete({ path: { ...path, label_id: encoded(label) } }, as),
	}),
];

const folders = [
	contract({
		title: 'folder create',
		api: 'mail.folder.create',
		parameters: {
			resource: 'folder',
			operation: 'create',
			name: '={{ $json.data.name }}',
			parentFolderId: byId('={{ $json.data.parent_folder_id }}'),
		},
		fields: fc.record({ data: fc.record({ name: text(250), parent_folder_id: id }) }),
		send: (mail, { path, data }, as) => mail.userMailboxFolder.create({ path, data }, as),
	}),
	contract({
		title: 'folder list',
		api: 'mail.folder.list',
		parameters: { resource: 'folder', operation: 'getAll' },
		fields: nothing,
		send: (mail, { path }, as) => mail.userMailboxFolder.list({ path }, as),
	}),
	contract({
		title: 'folder list of one type',
		api: 'mail.folder.list',
		parameters: {
			resource: 'folder',
			operation: 'getAll',
			filters: { folderType: "={{ { 1: 'system', 2: 'user' }[$json.folder_type] }}" },
		},
		fields: fc.record({ folder_type: fc.constantFrom(1, 2) }),
		send: (mail, { path, folder_type }, as) =>
			mail.userMailboxFolder.list({ path, params: { folder_type } }, as),
	}),
	contract({
		title: 'folder get',
		api: 'mail.folder.get',
		parameters: { resource: 'folder', operation: 'get', folderId: byId() },
		fields: fc.record({ id }),
		send: (mail, { path, id: folder }, as) =>
			mail.userMailboxFolder.get({ path: { ...path, folder_id: encoded(folder) } }, as),
	}),
	contract({
		title: 'folder patch',
		api: 'mail.folder.patch',
		parameters: {
			resource: 'folder',
			operation: 'update',
			folderId: byId(),
			updateFields: {
				name: '={{ $json.data.name }}',
				parentFolderId: byId('={{ $json.data.parent_folder_id }}'),
			},
		},
		fields: fc.record({ id: ownFolder, data: anyOf({ name: text(250), parent_folder_id: id }) }),
		send: (mail, { path, id: folder, data }, as) =>
			mail.userMailboxFolder.patch({ path: { ...path, folder_id: encoded(folder) }, data }, as),
	}),
	contract({
		title: 'folder delete',
		api: 'mail.folder.delete',
		parameters: { resource: 'folder', operation: 'delete', folderId: byId() },
		fields: fc.record({ id: ownFolder }),
		send: (mail, { path, id: folder }, as) =>
			mail.userMailboxFolder.delete({ path: { ...path, folder_id: encoded(folder) } }, as),
	}),
];

/** Addresses of a template, as objects. */
const addresses = fc.uniqueArray(
	fc.emailAddress().map((mail_address) => ({ mail_address })),
	{ minLength: 1, maxLength: 5, selector: ({ mail_address }) => mail_address.toLowerCase() },
);

const templateFields = {
	subject: text(1000),
	template_content: text(300),
	is_plain_text_mode: fc.boolean(),
	tos: addresses,
	ccs: addresses,
	bccs: addresses,
};

const templateTexts = {
	subject: '={{ $json.template.subject }}',
	templateContent: '={{ $json.template.template_content }}',
};

const templateExtras = {
	isPlainTextMode: '={{ $json.template.is_plain_text_mode }}',
	tos: '={{ $json.template.tos }}',
	ccs: '={{ $json.template.ccs }}',
	bccs: '={{ $json.template.bccs }}',
};

const nothingInIt = { tos: [], ccs: [], bccs: [], attachments: [] };

/** Puts a template into a mailbox, with files of these ids. */
const addTemplate = ({ templates: there }: Mailbox, template_id: string, files: string[] = []) =>
	there.push({
		...nothingInIt,
		template_id,
		name: 'Old',
		subject: 'Old',
		template_content: 'Old',
		is_plain_text_mode: false,
		attachments: files.map((file) => ({
			id: file,
			filename: 'a.txt',
			attachment_type: 1,
			is_inline: false,
			content: Buffer.from(file),
		})),
		create_time: 0,
	});

const templates = [
	contract({
		title: 'template create',
		api: 'mail.template.create',
		parameters: {
			resource: 'template',
			operation: 'create',
			name: '={{ $json.template.name }}',
			...templateTexts,
			additionalFields: templateExtras,
		},
		fields: fc.record({
			template: fc.record({ name: text(100), ...templateFields }, { requiredKeys: ['name'] }),
		}),
		send: (mail, { path, template }, as) => mail.userMailboxTemplate.create({ path, data: { template } }, as),
	}),
	contract({
		title: 'template list',
		api: 'mail.template.list',
		parameters: { resource: 'template', operation: 'getAll' },
		fields: nothing,
		send: (mail, { path }, as) => mail.userMailboxTemplate.list({ path }, as),
	}),
	contract({
		title: 'template get',
		api: 'mail.template.get',
		parameters: { resource: 'template', operation: 'get', templateId: byId() },
		fields: fc.record({ id }),
		send: (mail, { path, id: template }, as) =>
			mail.userMailboxTemplate.get({ path: { ...path, template_id: encoded(template) } }, as),
	}),
	contract({
		title: 'template update',
		api: 'mail.template.update',
		parameters: {
			resource: 'template',
			operation: 'update',
			templateId: byId(),
			updateFields: { name: '={{ $json.template.name }}', ...templateTexts, ...templateExtras },
		},
		fields: fc.record({ id, template: anyOf({ name: text(100), ...templateFields }) }),
		given: (mailbox, { id: template }) => addTemplate(mailbox, template, ['file']),
		send: (mail, { path, id: changed, template }, as) =>
			mail.userMailboxTemplate.update(
				{
					path: { ...path, template_id: encoded(changed) },
					data: {
						template: {
							...nothingInIt,
							name: 'Old',
							subject: 'Old',
							template_content: 'Old',
							is_plain_text_mode: false,
							attachments: [{ id: 'file', filename: 'a.txt', attachment_type: 1, is_inline: false }],
							...template,
						},
					},
				},
				as,
			),
	}),
	contract({
		title: 'template attachments download_url',
		api: 'mail.template.attachmentDownloadUrl',
		callers: ['user'],
		parameters: {
			resource: 'draft',
			operation: 'create',
			additionalFields: { templateId: byId() },
		},
		fields: fc.record({ id, files: fc.uniqueArray(id, { minLength: 1, maxLength: 20 }) }),
		given: (mailbox, { id: template, files }) => addTemplate(mailbox, template, files),
		send: (mail, { path, id: template, files: attachment_ids }, as) =>
			mail.userMailboxTemplateAttachment.downloadUrl(
				{ path: { ...path, template_id: encoded(template) }, params: { attachment_ids } },
				as,
			),
	}),
	contract({
		title: 'template delete',
		api: 'mail.template.delete',
		parameters: { resource: 'template', operation: 'delete', templateId: byId() },
		fields: fc.record({ id }),
		send: (mail, { path, id: template }, as) =>
			mail.userMailboxTemplate.delete({ path: { ...path, template_id: encoded(template) } }, as),
	}),
];

const systemLabels = ['FLAGGED', 'IMPORTANT', 'OTHER', 'UNREAD'];

const addLabel = ({ labels: there }: Mailbox, label: string, name = label) =>
	there.push({ id: label, name, background_color: 'blue', messages_unread: 0 });

const addFolder = ({ folders: there }: Mailbox, folder: string, name = folder) =>
	there.push({
		id: folder,
		name,
		parent_folder_id: '0',
		folder_type: 2,
		unread_message_count: 0,
		unread_thread_count: 0,
	});

const page = fc.record({ id, limit: fc.integer({ min: 1, max: 40 }), unread: fc.boolean() });

const pageParameters = {
	operation: 'getAll',
	limit: '={{ $json.limit }}',
	filters: { readStatus: "={{ $json.unread ? 'unread' : 'all' }}" },
};

/** What a list is asked for besides its folder or label. */
const pageParams = ({ limit, unread }: { limit: number; unread: boolean }) => ({
	page_size: Math.min(limit, 20),
	...(unread && { only_unread: true }),
});

const simple = fc.boolean();

const formatOf = (isSimple: boolean) => (isSimple ? 'plain_text_full' : 'full');

/** Lists of mails and of threads. */
const lists = [
	{
		resource: 'message',
		api: 'mail.message.list',
		list: (mail: Mail) => mail.userMailboxMessage.list,
	},
	{
		resource: 'thread',
		api: 'mail.thread.list',
		list: (mail: Mail) => mail.userMailboxThread.list,
	},
] as const;

const listings = lists.flatMap(({ resource, api, list }) => [
	contract({
		title: `${resource} list of a folder`,
		api,
		parameters: { resource, ...pageParameters, source: 'folder', folderId: byId() },
		fields: page,
		send: (mail, { path, id: folder_id, ...wanted }, as) =>
			list(mail)({ path, params: { folder_id, ...pageParams(wanted) } }, as),
	}),
	contract({
		title: `${resource} list of a label`,
		api,
		parameters: { resource, ...pageParameters, source: 'label', labelId: byId() },
		fields: page,
		send: (mail, { path, id: label_id, ...wanted }, as) =>
			list(mail)({ path, params: { label_id, ...pageParams(wanted) } }, as),
	}),
]);

const reading = [
	contract({
		title: 'message batch_get',
		api: 'mail.message.batchGet',
		parameters: { resource: 'message', operation: 'get', messageId: byId(), simple: '={{ $json.simple }}' },
		fields: fc.record({ ids, simple }),
		given: (mailbox, { ids: mails }) => mails.forEach((message_id) => mailbox.receive({ message_id })),
		send: (mail, { path, ids: message_ids, simple: isSimple }, as) =>
			mail.userMailboxMessage.batchGet({ path, data: { message_ids, format: formatOf(isSimple) } }, as),
	}),
	contract({
		title: 'message batch_get for attachments',
		api: 'mail.message.batchGet',
		parameters: { resource: 'attachment', operation: 'getAll', messageId: byId() },
		fields: fc.record({ ids }),
		given: (mailbox, { ids: mails }) => mails.forEach((message_id) => mailbox.receive({ message_id })),
		send: (mail, { path, ids: message_ids }, as) =>
			mail.userMailboxMessage.batchGet({ path, data: { message_ids, format: 'metadata' } }, as),
	}),
	contract({
		title: 'message attachment download_url',
		api: 'mail.message.attachmentDownloadUrl',
		parameters: { resource: 'attachment', operation: 'download', messageId: byId() },
		fields: fc.record({ id, attachments: fc.uniqueArray(id, { minLength: 1, maxLength: 20 }) }),
		given: (mailbox, { id: message_id, attachments }) =>
			mailbox.receive({
				message_id,
				attachments: attachments.map((file) => ({ id: file, filename: file, content: Buffer.from(file) })),
			}),
		send: (mail, { path, id: message, attachments: attachment_ids }, as) =>
			mail.userMailboxMessageAttachment.downloadUrl(
				{ path: { ...path, message_id: encoded(message) }, params: { attachment_ids } },
				as,
			),
	}),
	contract({
		title: 'thread get',
		api: 'mail.thread.get',
		parameters: {
			resource: 'thread',
			operation: 'get',
			threadId: byId(),
			simple: '={{ $json.simple }}',
			options: { includeSpamTrash: '={{ $json.all }}' },
		},
		fields: fc.record({ id, simple, all: fc.boolean() }),
		send: (mail, { path, id: thread, simple: isSimple, all }, as) =>
			mail.userMailboxThread.get(
				{
					path: { ...path, thread_id: encoded(thread) },
					params: { format: formatOf(isSimple), ...(all && { include_spam_trash: true }) },
				},
				as,
			),
	}),
];

/** What can be filed, and by which requests. */
const filed = [
	{
		resource: 'message',
		locator: 'messageId',
		as: (message_id: string): NewMessage => ({ message_id }),
		modify: 'mail.message.batchModify',
		trash: 'mail.message.batchTrash',
		/** The key of the ids in a body. */
		key: 'message_ids',
		endpoints: (mail: Mail) => mail.userMailboxMessage,
	},
	{
		resource: 'thread',
		locator: 'threadId',
		as: (thread_id: string): NewMessage => ({ thread_id }),
		modify: 'mail.thread.batchModify',
		trash: 'mail.thread.batchTrash',
		key: 'thread_ids',
		endpoints: (mail: Mail) => mail.userMailboxThread,
	},
] as const;

const someLabels = fc.uniqueArray(fc.oneof(id, fc.constantFrom(...systemLabels)), {
	minLength: 1,
	maxLength: 20,
});

const someFolder = fc.oneof(ownFolder, fc.constantFrom('INBOX', 'SENT', 'SPAM', 'ARCHIVED'));

/** A change, as an operation of the node and as a part of a body. */
interface Change {
	operation: string;
	parameters?: INodeParameters;
	body: (input: { labels: string[]; folder: string }) => object;
}

const changes: Change[] = [
	{
		operation: 'addLabels',
		parameters: { labelIds: '={{ $json.labels }}' },
		body: ({ labels: add_label_ids }) => ({ add_label_ids: [...add_label_ids].sort() }),
	},
	{
		operation: 'removeLabels',
		parameters: { labelIds: '={{ $json.labels }}' },
		body: ({ labels: remove_label_ids }) => ({ remove_label_ids: [...remove_label_ids].sort() }),
	},
	{ operation: 'markAsRead', body: () => ({ remove_label_ids: ['UNREAD'] }) },
	{ operation: 'markAsUnread', body: () => ({ add_label_ids: ['UNREAD'] }) },
	{
		operation: 'move',
		parameters: { folderId: byId('={{ $json.folder }}') },
		body: ({ folder: add_folder }) => ({ add_folder }),
	},
];

const filing = filed.flatMap(({ resource, locator, as: toMail, modify, trash, key, endpoints }) => [
	...changes.map(({ operation, parameters, body }) =>
		contract({
			title: `${resource} batch_modify: ${operation}`,
			api: modify,
			parameters: { resource, operation, [locator]: byId(), ...parameters },
			fields: fc.record({ ids, labels: someLabels, folder: someFolder }),
			given(mailbox, input) {
				for (const one of input.ids) mailbox.receive(toMail(one));
				for (const label of input.labels) if (!systemLabels.includes(label)) addLabel(mailbox, label);
				addFolder(mailbox, input.folder);
			},
			send: (mail, { path, ids: things, ...input }, as) =>
				endpoints(mail).batchModify({ path, data: { ...body(input), [key]: things } }, as),
		}),
	),
	...[{ operation: 'trash' }, { operation: 'move', folderId: byId('TRASH') }].map((parameters) =>
		contract({
			title: `${resource} batch_trash: ${parameters.operation}`,
			api: trash,
			parameters: { resource, [locator]: byId(), ...parameters },
			fields: fc.record({ ids }),
			given: (mailbox, input) => input.ids.forEach((one) => mailbox.receive(toMail(one))),
			send: (mail, { path, ids: things }, as) =>
				endpoints(mail).batchTrash({ path, data: { [key]: things } }, as),
		}),
	),
]);

/** What search calls Feishu's own folders and labels. Docs: `filter.folder` */
const searched = new Map([
	['INBOX', 'inbox'],
	['SENT', 'sent'],
	['DRAFT', 'draft'],
	['SCHEDULED', 'scheduled'],
	['TRASH', 'trash'],
	['SPAM', 'spam'],
	['ARCHIVED', 'archive'],
	['IMPORTANT', 'priority'],
	['OTHER', 'other'],
	['FLAGGED', 'flagged'],
]);

const namedAs = (place: string) => `name of ${place}`;

/** Each is one value of a list that may be written with commas. */
const people = fc.array(
	text(40)
		.map((value) => value.replaceAll(',', '').trim())
		.filter(Boolean),
	{ minLength: 1, maxLength: 5 },
);

const places = fc.uniqueArray(fc.oneof(ownFolder, fc.constantFrom(...searched.keys())), {
	minLength: 1,
	maxLength: 5,
});

const DAY = 24 * 3600;

const iso = (seconds: number) => `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;

/** At most a year, which is what there is without a beginning. */
const span = fc
	.record(
		{ end: fc.integer({ min: 1e9, max: 2e9 }), days: fc.integer({ min: 0, max: 366 }) },
		{ requiredKeys: ['end'] },
	)
	.map(({ end, days }) => ({
		before: iso(end),
		...(days !== undefined && { after: iso(end - days * DAY) }),
		create_time: { start_time: iso(end - (days ?? 365) * DAY), end_time: iso(end) },
	}));

const isAny = (object: object) => Object.keys(object).length > 0;

const searching = contract({
	title: 'search',
	api: 'mail.mailbox.search',
	callers: ['user'],
	parameters: {
		resource: 'message',
		operation: 'search',
		query: '={{ $json.query }}',
		filters: {
			from: '={{ $json.from }}',
			to: "={{ ($json.to ?? []).join(', ') }}",
			cc: '={{ $json.cc }}',
			bcc: '={{ $json.bcc }}',
			subject: '={{ $json.subject }}',
			folders: '={{ $json.folders }}',
			labels: '={{ $json.labels }}',
			hasAttachment: '={{ $json.has_attachment }}',
			readStatus: "={{ $json.is_unread ? 'unread' : 'all' }}",
			receivedAfter: '={{ $json.span?.after }}',
			receivedBefore: '={{ $json.span?.before }}',
		},
	},
	fields: fc.record(
		{
			query: text(60),
			from: people,
			to: people,
			cc: people,
			bcc: people,
			subject: text(60),
			folders: places,
			labels: places,
			has_attachment: fc.boolean(),
			is_unread: fc.boolean(),
			span,
		},
		{ requiredKeys: [] },
	),
	given(mailbox, input) {
		for (const folder of input.folders ?? []) addFolder(mailbox, folder, namedAs(folder));
		for (const label of input.labels ?? []) addLabel(mailbox, label, namedAs(label));
	},
	send(mail, input, as) {
		const { path, from, to, cc, bcc, folders: inFolders = [], labels: withLabels = [] } = input;
		const own = [...inFolders, ...withLabels.filter((label) => searched.has(label))];
		const folder = [...new Set(own.map((place) => searched.get(place) ?? namedAs(place)))];
		const label = withLabels.filter((one) => !searched.has(one)).map(namedAs);
		const subject = input.subject?.trim();
		const query = Array.from(input.query?.trim() ?? '').slice(0, 50);
		const filter = {
			...(from && { from }),
			...(to && { to }),
			...(cc && { cc }),
			...(bcc && { bcc }),
			...(subject && { subject }),
			...(folder.length > 0 && { folder }),
			...(label.length > 0 && { label }),
			...(input.has_attachment && { has_attachment: true }),
			...(input.is_unread && { is_unread: true }),
			...(input.span && { create_time: input.span.create_time }),
		};
		const data = { ...(query.length > 0 && { query: query.join('') }), ...(isAny(filter) && { filter }) };
		return mail.userMailbox.search({ path, params: { page_size: 15 }, data }, as);
	},
});

const ownMailbox = [
	contract({
		title: 'profile',
		api: 'mail.mailbox.profile',
		callers: ['user'],
		parameters: { resource: 'mailbox', operation: 'get' },
		fields: nothing,
		send: (mail, _input, as) => mail.userMailbox.profile({ path: { user_mailbox_id: 'me' } }, as),
	}),
	contract({
		title: 'accessible_mailboxes',
		api: 'mail.mailbox.accessibleMailboxes',
		parameters: { resource: 'mailbox', operation: 'getAll' },
		fields: nothing,
		send: (mail, { path }, as) => mail.userMailbox.accessibleMailboxes({ path }, as),
	}),
	contract({
		title: 'setting send_as',
		api: 'mail.mailbox.sendAs',
		parameters: { resource: 'mailbox', operation: 'getSenders' },
		fields: nothing,
		send: (mail, { path }, as) => mail.userMailboxSetting.sendAs({ path }, as),
	}),
	contract({
		title: 'setting get_signatures',
		api: 'mail.mailbox.signatures',
		callers: ['user'],
		parameters: { resource: 'signature', operation: 'getAll' },
		fields: nothing,
		send: (mail, { path }, as) => mail.userMailboxSetting.getSignatures({ path }, as),
	}),
];

const aliases = [
	contract({
		title: 'alias create',
		api: 'mail.alias.create',
		callers: ['app'],
		parameters: { resource: 'mailbox', operation: 'createAlias', emailAlias: '={{ $json.email_alias }}' },
		fields: fc.record({ email_alias: fc.emailAddress() }),
		send: (mail, { path, email_alias }, as) =>
			mail.userMailboxAlias.create({ path, data: { email_alias } }, as),
	}),
	contract({
		title: 'alias list',
		api: 'mail.alias.list',
		callers: ['app'],
		parameters: { resource: 'mailbox', operation: 'getAliases' },
		fields: nothing,
		send: (mail, { path }, as) => mail.userMailboxAlias.list({ path }, as),
	}),
	contract({
		title: 'alias delete',
		api: 'mail.alias.delete',
		callers: ['app'],
		parameters: { resource: 'mailbox', operation: 'deleteAlias', aliasId: byId() },
		fields: fc.record({ id }),
		send: (mail, { path, id: alias }, as) =>
			mail.userMailboxAlias.delete({ path: { ...path, alias_id: encoded(alias) } }, as),
	}),
];

/** Words of the node, each with its number. Docs: request body of "Create a rule". */
const numbered = (words: Record<string, number>) => fc.constantFrom(...Object.entries(words));

const compared = numbered({
	...{ from: 1, to: 2, cc: 3, toOrCc: 4, subject: 6, body: 7 },
	...{ attachmentName: 8, attachmentType: 9, anyAddress: 10 },
});

const bare = numbered({ everyMail: 12, isExternal: 13, isSpam: 14, isNotSpam: 15, hasAttachment: 16 });

const operator = numbered({
	contains: 1,
	notContains: 2,
	startsWith: 3,
	endsWith: 4,
	equals: 5,
	notEquals: 6,
});

const ruleAction = numbered({
	...{ archive: 1, delete: 2, markAsRead: 3, moveToSpam: 4, neverMoveToSpam: 5, flag: 9, noNotification: 10 },
});

/** A rule of two conditions and two actions, by the words of the node and the numbers of the API. */
const rule = fc.record({
	name: text(255),
	compared,
	operator,
	input: text(100),
	bare,
	match: numbered({ all: 1, any: 2 }),
	action: ruleAction,
	folder: ownFolder,
	enabled: fc.boolean(),
	last: fc.boolean(),
});

type RuleInput = typeof rule extends fc.Arbitrary<infer T> ? T : never;

const ruleParts = {
	name: '={{ $json.rule.name }}',
	matchType: '={{ $json.rule.match[0] }}',
	condition: {
		items: [
			{
				type: '={{ $json.rule.compared[0] }}',
				operator: '={{ $json.rule.operator[0] }}',
				input: '={{ $json.rule.input }}',
			},
			{ type: '={{ $json.rule.bare[0] }}' },
		],
	},
	action: {
		items: [
			{ type: '={{ $json.rule.action[0] }}' },
			{ type: 'moveToFolder', folderId: byId('={{ $json.rule.folder }}') },
		],
	},
	isEnable: '={{ $json.rule.enabled }}',
	ignoreTheRestOfRules: '={{ $json.rule.last }}',
};

const ruleData = (wanted: RuleInput) => ({
	name: wanted.name,
	is_enable: wanted.enabled,
	ignore_the_rest_of_rules: wanted.last,
	condition: {
		match_type: wanted.match[1],
		items: [
			{ type: wanted.compared[1], operator: wanted.operator[1], input: wanted.input },
			{ type: wanted.bare[1] },
		],
	},
	action: { items: [{ type: wanted.action[1] }, { type: 11, input: wanted.folder }] },
});

const addRule = ({ rules: there }: Mailbox, rule_id: string) =>
	there.push({
		...{ id: rule_id, name: rule_id, is_enable: true, ignore_the_rest_of_rules: false },
		condition: { match_type: 2, items: [{ type: 16 }, { type: 6, operator: 1, input: 'a' }] },
		action: { items: [{ type: 12, input: 'ann@example.com' }] },
	});

const rules = [
	contract({
		title: 'rule create',
		api: 'mail.rule.create',
		parameters: { resource: 'rule', operation: 'create', ...ruleParts },
		fields: fc.record({ rule }),
		send: (mail, { path, rule: made }, as) => mail.userMailboxRule.create({ path, data: ruleData(made) }, as),
	}),
	contract({
		title: 'rule list',
		api: 'mail.rule.list',
		parameters: { resource: 'rule', operation: 'getAll' },
		fields: nothing,
		send: (mail, { path }, as) => mail.userMailboxRule.list({ path }, as),
	}),
	contract({
		title: 'rule update',
		api: 'mail.rule.update',
		parameters: { resource: 'rule', operation: 'update', ruleId: byId(), updateFields: ruleParts },
		fields: fc.record({ id, rule }),
		given: (mailbox, { id: rule_id }) => addRule(mailbox, rule_id),
		send: (mail, { path, id: rule_id, rule: wanted }, as) =>
			mail.userMailboxRule.update(
				{ path: { ...path, rule_id: encoded(rule_id) }, data: ruleData(wanted) },
				as,
			),
	}),
	contract({
		title: 'rule update of its state alone',
		api: 'mail.rule.update',
		parameters: {
			resource: 'rule',
			operation: 'update',
			ruleId: byId(),
			updateFields: { isEnable: '={{ $json.enabled }}' },
		},
		fields: fc.record({ id, enabled: fc.boolean() }),
		given: (mailbox, { id: rule_id }) => addRule(mailbox, rule_id),
		send: (mail, { path, id: rule_id, enabled }, as) =>
			mail.userMailboxRule.update(
				{
					path: { ...path, rule_id: encoded(rule_id) },
					data: {
						name: rule_id,
						is_enable: enabled,
						ignore_the_rest_of_rules: false,
						condition: { match_type: 2, items: [{ type: 16 }, { type: 6, operator: 1, input: 'a' }] },
						action: { items: [{ type: 12, input: 'ann@example.com' }] },
					},
				},
				as,
			),
	}),
	contract({
		title: 'rule delete',
		api: 'mail.rule.delete',
		parameters: { resource: 'rule', operation: 'delete', ruleId: byId() },
		fields: fc.record({ id }),
		send: (mail, { path, id: rule_id }, as) =>
			mail.userMailboxRule.delete({ path: { ...path, rule_id: encoded(rule_id) } }, as),
	}),
	contract({
		title: 'rule reorder',
		api: 'mail.rule.reorder',
		parameters: { resource: 'rule', operation: 'reorder', ruleIds: '={{ [$json.order[0]] }}' },
		fields: fc.record({ order: fc.uniqueArray(id, { minLength: 1, maxLength: 5 }) }),
		given: (mailbox, { order: [first = '', ...others] }) => {
			for (const rule_id of [...others, first]) addRule(mailbox, rule_id);
		},
		send: (mail, { path, order: rule_ids }, as) =>
			mail.userMailboxRule.reorder({ path, data: { rule_ids } }, as),
	}),
];

/** Every request of the node to a mailbox: the SDK has a method for each. */
export const contracts: Contract[] = [
	...contacts,
	...labels,
	...folders,
	...templates,
	...listings,
	...reading,
	...filing,
	searching,
	...ownMailbox,
	...aliases,
	...rules,
	...outgoing,
];
