import { lengthOf, mailboxApi, refusal, success } from '../platform';
import type { Caller, FieldViolation, MailboxCall } from '../platform';
import { newId } from '../tenants';
import type { Contact } from '../tenants';

const path = '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/mail_contacts';

const oneContact = `${path}/:mail_contact_id`;

const mailAddressScope = 'mail:user_mailbox.mail_contact.mail_address:read';
const phoneScope = 'mail:user_mailbox.mail_contact.phone:read';

const parameterError = { status: 400, code: 1230001, msg: 'parameter error' };

const errors = {
	// The contact pages name no code for an unknown mailbox. Labels answer HTTP 400 and ask to check the address;
	// the only HTTP 400 here, with the advice to change the parameters, is 1230001. (1230002 would send the reader
	// to permissions, which are in order.) The sandbox's choice.
	mailboxNotFound: parameterError,
	noDataPermission: { status: 403, code: 1230002, msg: 'no permission' },
};

/** [docs: user_mailbox-mail_contact/create] lengths of the body fields; `min` 1 makes a field required. */
const limits = {
	name: { min: 1, max: 64 },
	company: { min: 0, max: 64 },
	phone: { min: 0, max: 40 },
	mail_address: { min: 0, max: 319 },
	tag: { min: 0, max: 64 },
	remark: { min: 0, max: 1000 },
	position: { min: 0, max: 64 },
} as const;

const fieldNames = Object.keys(limits) as Array<keyof typeof limits>;

const bodyTypes = Object.fromEntries(fieldNames.map((name) => [name, 'string' as const]));

function badParameters(violations: FieldViolation[]) {
	return refusal(parameterError, { field_violations: violations });
}

/** The contact fields of a body. Throws 1230001 when one is missing or has a length out of range. */
function contactFields(body: Record<string, unknown>): Omit<Contact, 'id'> {
	const fields: Omit<Contact, 'id'> = { name: '' };
	const violations: FieldViolation[] = [];
	for (const field of fieldNames) {
		const { min, max } = limits[field];
		const value = body[field];
		if (typeof value !== 'string') {
			if (min > 0) violations.push({ field, description: `${field} is required` });
			continue;
		}
		const length = lengthOf(value);
		if (length < min) violations.push({ field, value, description: `the min len is ${min}` });
		if (length > max) violations.push({ field, value, description: `the max len is ${max}` });
		fields[field] = value;
	}
	if (violations.length > 0) throw badParameters(violations);
	return fields;
}

/** Where the contact of the path is. Throws when it is nowhere. */
function positionOf({ mailbox, parameters }: MailboxCall): number {
	const { mail_contact_id: id } = parameters;
	const position = mailbox.contacts.findIndex((contact) => contact.id === id);
	// No code for an unknown contact is documented; of the documented ones only this one fits: the sandbox's choice.
	if (position === -1) {
		throw badParameters([{ field: 'mail_contact_id', value: id, description: 'no such contact' }]);
	}
	return position;
}

/** The contact as `caller` may see it: fields whose scope the token lacks are absent, without an error. [docs] */
function visibleContact(contact: Contact, { holds }: Caller): Contact {
	const visible = { ...contact };
	if (!holds(mailAddressScope)) delete visible.mail_address;
	if (!holds(phoneScope)) delete visible.phone;
	return visible;
}

export const contactCreate = mailboxApi({
	name: 'mail.contact.create',
	method: 'POST',
	path,
	scopes: ['mail:user_mailbox.mail_contact:write'],
	fieldScopes: [mailAddressScope, phoneScope],
	documentedQuota: { limit: 20, window: 60 },
	body: bodyTypes,
	errors,
	handle({ caller, mailbox, body }) {
		const id = newId();
		// Fields that were not sent stay absent, and every contact has an avatar: the sandbox's choice.
		const contact = { id, ...contactFields(body), avatar: `https://example.com/avatars/${id}.png` };
		mailbox.contacts.push(contact);
		return success({ mail_contact: visibleContact(contact, caller) });
	},
});

interface Cursor {
	mailbox: string;
	after: string;
	position: number;
}

function encodeCursor(cursor: Cursor): string {
	return Buffer.from(JSON.stringify(cursor)).toString('base64url');
}

/** Where the page after `pageToken` starts. Throws 1230001 for a token that this list did not give out. */
function startOf(pageToken: string, { mailbox }: MailboxCall): number {
	let cursor: Partial<Cursor> | null;
	try {
		cursor = JSON.parse(Buffer.from(pageToken, 'base64url').toString()) as Partial<Cursor> | null;
	} catch {
		cursor = null;
	}
	const { mailbox: address, after, position } = cursor ?? {};
	if (address !== mailbox.address || typeof position !== 'number') {
		throw badParameters([{ field: 'page_token', value: pageToken, description: 'invalid page token' }]);
	}
	// The last contact seen may have moved up or gone, if others were deleted since.
	if (mailbox.contacts[position - 1]?.id === after) return position;
	const found = mailbox.contacts.findIndex((contact) => contact.id === after);
	return found === -1 ? position : found + 1;
}

export const contactList = mailboxApi({
	name: 'mail.contact.list',
	method: 'GET',
	path,
	scopes: ['mail:user_mailbox.mail_contact:read', 'mail:user_mailbox.mail_contact:write'],
	fieldScopes: [mailAddressScope, phoneScope],
	documentedQuota: { limit: 20, window: 60 },
	query: { page_size: 'int', page_token: 'string' },
	errors,
	handle(call) {
		const { caller, mailbox, query } = call;
		const size = Number(query.page_size ?? Number.NaN);
		if (Number.isNaN(size)) {
			throw badParameters([{ field: 'page_size', description: 'page_size is required' }]);
		}
		if (size < 1 || size > 20) {
			throw badParameters([
				{ field: 'page_size', value: String(size), description: 'page_size is out of range 1 to 20' },
			]);
		}
		// An empty token counts as none: the sandbox's choice.
		const start =
			typeof query.page_token === 'string' && query.page_token ? startOf(query.page_token, call) : 0;
		// Order of creation: the documents state none.
		const page = mailbox.contacts.slice(start, start + size);
		const end = start + page.length;
		const items = page.map((contact) => visibleContact(contact, caller));
		if (end >= mailbox.contacts.length) return success({ items, has_more: false });
		const cursor = { mailbox: mailbox.address, after: page[page.length - 1]?.id ?? '', position: end };
		return success({ items, has_more: true, page_token: encodeCursor(cursor) });
	},
});

export const contactPatch = mailboxApi({
	name: 'mail.contact.patch',
	method: 'PATCH',
	path: oneContact,
	scopes: ['mail:user_mailbox.mail_contact:write'],
	documentedQuota: { limit: 20, window: 60 },
	body: bodyTypes,
	errors,
	handle(call) {
		const { mailbox, body, world } = call;
		const fields = contactFields(body);
		const position = positionOf(call);
		const contact = mailbox.contacts[position] as Contact;
		const { id, avatar } = contact;
		mailbox.contacts[position] =
			world.contactPatch === 'keep' ? { ...contact, ...fields } : { id, ...fields, avatar };
		return success({});
	},
});

export const contactDelete = mailboxApi({
	name: 'mail.contact.delete',
	method: 'DELETE',
	path: oneContact,
	scopes: ['mail:user_mailbox.mail_contact:write'],
	documentedQuota: { limit: 20, window: 60 },
	errors,
	handle(call) {
		call.mailbox.contacts.splice(positionOf(call), 1);
		return success({});
	},
});
