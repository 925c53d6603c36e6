import { bytesOf } from '../mails';
import type { Attachment, MailAddress } from '../mails';
import { fieldRefused, lengthOf, mailboxApi, refusal, success } from '../platform';
import type { MailboxCall } from '../platform';
import { newId } from '../tenants';
import type { Mailbox, Template } from '../tenants';
import { linksTo } from './attachments';

const path = '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/templates';

const oneTemplate = `${path}/:template_id`;

const writeScope = 'mail:user_mailbox.message:modify';

const readScope = 'mail:user_mailbox.message:readonly';

const refusals = {
	param: { status: 400, code: 1230001, msg: 'param invalid' },
	permission: { status: 403, code: 1230002, msg: 'permission deny' },
	name: { status: 400, code: 1230004, msg: 'invalid template name' },
	number: { status: 400, code: 1230005, msg: 'template number limit exceeded' },
	content: { status: 400, code: 1230006, msg: 'template content size limit exceeded' },
	unknown: { status: 404, code: 1230007, msg: 'template not found' },
	size: { status: 400, code: 1230008, msg: 'template total size limit exceeded' },
	template: { status: 400, code: 1230009, msg: 'invalid template param' },
	file: { status: 404, code: 1230010, msg: 'template attachment not found' },
	fileForbidden: { status: 403, code: 1230011, msg: 'template attachment forbidden' },
};

/** [docs] no code of its own for a mailbox that is not there: the sandbox's choice. */
const errors = { mailboxNotFound: refusals.param, noDataPermission: refusals.permission };

const megabyte = 1024 * 1024;

const limits = {
	name: 100,
	subject: 1000,
	addresses: 100,
	files: 50,
	content: 3 * megabyte,
	total: 25 * megabyte,
};

const lists = ['tos', 'ccs', 'bccs'] as const;

const bodyTypes = {
	template: 'object',
	'template.name': 'string',
	'template.subject': 'string',
	'template.template_content': 'string',
	'template.is_plain_text_mode': 'boolean',
	'template.tos': 'objects',
	'template.ccs': 'objects',
	'template.bccs': 'objects',
	'template.attachments': 'objects',
} as const;

type GivenFile = Partial<Omit<Attachment, 'content'>>;

type Given = Partial<Omit<Template, 'template_id' | 'create_time' | 'attachments'>> & {
	attachments?: GivenFile[];
};

/** The file of an id: of a template that the mailbox has, or one that lies in its owner's drive. */
function fileOf({ templates, driveFiles }: Mailbox, { id, ...given }: GivenFile): Attachment {
	const files = [...templates.flatMap(({ attachments }) => attachments), ...driveFiles];
	const known = files.find((file) => file.id === id);
	if (known === undefined) throw fieldRefused(refusals.fileForbidden, 'attachments', 'no such file', id);
	// What is left out is not taken from what was there before.
	const { filename = known.filename, attachment_type = 1, is_inline = false, cid } = given;
	return { id: known.id, filename, attachment_type, is_inline, cid, content: known.content };
}

function addressesIn(given: Given, list: (typeof lists)[number]): MailAddress[] {
	const addresses = given[list] ?? [];
	if (addresses.length > limits.addresses) {
		throw fieldRefused(refusals.template, list, `the max len is ${limits.addresses}`);
	}
	return addresses.map(({ mail_address, name }) => {
		if (typeof mail_address !== 'string' || mail_address === '') {
			throw fieldRefused(refusals.template, `${list}.mail_address`, 'mail_address is required');
		}
		return { mail_address, name };
	});
}

/** A whole template out of a request. What it leaves out, the template does not have. */
function templateOf({ mailbox, body }: MailboxCall): Omit<Template, 'template_id' | 'create_time'> {
	const given = body.template as Given | undefined;
	if (given == null) throw fieldRefused(refusals.param, 'template', 'template is required');
	const { name = '', subject = '', template_content = '', is_plain_text_mode = false } = given;
	if (name === '' || lengthOf(name) > limits.name) {
		throw fieldRefused(refusals.name, 'name', `the len is 1 to ${limits.name}`, name);
	}
	if (lengthOf(subject) > limits.subject) {
		throw fieldRefused(refusals.template, 'subject', `the max len is ${limits.subject}`);
	}
	const files = given.attachments ?? [];
	if (files.length > limits.files) {
		throw fieldRefused(refusals.template, 'attachments', `the max len is ${limits.files}`);
	}
	const attachments = files.map((file) => fileOf(mailbox, file));
	const content = Buffer.byteLength(template_content);
	if (content > limits.content) throw refusal(refusals.content);
	const inIt = attachments.filter(({ attachment_type }) => attachment_type === 1);
	const total = inIt.reduce((sum, file) => sum + bytesOf(file).length, content);
	if (total > limits.total) throw refusal(refusals.size);
	const [tos, ccs, bccs] = lists.map((list) => addressesIn(given, list)) as [
		MailAddress[],
		MailAddress[],
		MailAddress[],
	];
	return { name, subject, template_content, is_plain_text_mode, tos, ccs, bccs, attachments };
}

function shown(template: Template): unknown {
	const attachments = template.attachments.map((file) => ({ ...file, content: undefined }));
	return { ...template, attachments, create_time: String(template.create_time) };
}

function chosen({ mailbox, parameters }: MailboxCall): Template {
	const { template_id: id = '' } = parameters;
	const template = mailbox.templates.find(({ template_id }) => template_id === id);
	if (template === undefined) throw fieldRefused(refusals.unknown, 'template_id', 'no such template', id);
	return template;
}

export const templateCreate = mailboxApi({
	name: 'mail.template.create',
	method: 'POST',
	path,
	scopes: [writeScope],
	documentedQuota: { limit: 5, window: 1 },
	body: bodyTypes,
	errors,
	// Two templates of the same name: [docs] silent, allowed here.
	handle(call) {
		const { mailbox, world } = call;
		const template = { template_id: newId(), ...templateOf(call), create_time: world.clock.now() };
		if (mailbox.templates.length >= mailbox.templateLimit) throw refusal(refusals.number);
		mailbox.templates.push(template);
		return success({ template: shown(template) });
	},
});

export const templateList = mailboxApi({
	name: 'mail.template.list',
	method: 'GET',
	path,
	scopes: [writeScope, readScope],
	documentedQuota: { limit: 5, window: 1 },
	errors,
	// [docs] all at once, and of each three fields.
	handle: ({ mailbox }) =>
		success({
			items: mailbox.templates.map(({ template_id, name, create_time }) => ({
				template_id,
				name,
				create_time: String(create_time),
			})),
		}),
});

export const templateGet = mailboxApi({
	name: 'mail.template.get',
	method: 'GET',
	path: oneTemplate,
	scopes: [writeScope, readScope],
	documentedQuota: { limit: 5, window: 1 },
	errors,
	handle: (call) => success({ template: shown(chosen(call)) }),
});

export const templateUpdate = mailboxApi({
	name: 'mail.template.update',
	method: 'PUT',
	path: oneTemplate,
	scopes: [writeScope],
	documentedQuota: { limit: 5, window: 1 },
	body: bodyTypes,
	errors,
	// [docs] the whole template is replaced.
	handle(call) {
		const template = chosen(call);
		Object.assign(template, templateOf(call));
		return success({ template: shown(template) });
	},
});

export const templateDelete = mailboxApi({
	name: 'mail.template.delete',
	method: 'DELETE',
	path: oneTemplate,
	scopes: [writeScope],
	documentedQuota: { limit: 5, window: 1 },
	errors,
	handle(call) {
		const { templates } = call.mailbox;
		templates.splice(templates.indexOf(chosen(call)), 1);
		return success({});
	},
});

export const templateDownloadUrl = mailboxApi({
	name: 'mail.template.attachmentDownloadUrl',
	method: 'GET',
	path: `${oneTemplate}/attachments/download_url`,
	scopes: [readScope],
	documentedQuota: { limit: 5, window: 1 },
	errors,
	handle(call) {
		const { attachments } = chosen(call);
		const { download_urls, failed_reasons } = linksTo(attachments, call, refusals.param);
		// When there is a code and when a reason: the sandbox's choice.
		if (download_urls.length === 0) throw refusal(refusals.file);
		return success({ download_urls, failed_reasons });
	},
});
