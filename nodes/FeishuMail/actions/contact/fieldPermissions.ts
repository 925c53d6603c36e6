import type { Item } from '../../run/item';
import { RefusedInput } from '../../transport/refusedInput';
import { contactFields, fieldScopes, type ContactField, type MailContact } from './mailContact';
import { parameterName } from '../../run/requestBody';

/** What a field is called on screen. */
export const fieldName = (field: ContactField) =>
	contactFields.find(({ name }) => name === parameterName(field))?.displayName ?? 'Name';

/** A field that Feishu leaves out of its answers, or may be leaving out. */
export interface HiddenField {
	field: ContactField;
	scope: string;
	/** The permission is known to be missing. */
	isCertain: boolean;
}

/**
 * Which fields may be missing although they have values: those that no contact shows, unless the permission to see them
 * is known to be granted.
 *
 * @param contacts all that are listed
 * @param fields those that matter
 */
export async function hiddenFields(
	item: Item,
	contacts: MailContact[],
	fields: readonly string[] = Object.keys(fieldScopes),
): Promise<HiddenField[]> {
	if (contacts.length === 0) return [];
	const absent = Object.entries(fieldScopes).filter(
		([field]) => fields.includes(field) && !contacts.some((contact) => contact[field as ContactField]),
	);
	const granted = absent.length > 0 ? await item.grantedScopes() : undefined;
	return absent
		.filter(([, scope]) => !granted?.has(scope))
		.map(([field, scope]) => ({ field: field as ContactField, scope, isCertain: granted !== undefined }));
}

/**
 * The refusal of what needs a hidden field.
 *
 * @param need what the field is needed for
 * @param remedy what to do if it is really empty everywhere, or may be lost
 */
export function refusalOfHidden(
	{ field, scope, isCertain }: HiddenField,
	need: string,
	remedy: string,
): RefusedInput {
	const why = isCertain ? 'which Feishu does not show' : 'but no contact of the mailbox shows it';
	return new RefusedInput(
		`${need} '${fieldName(field)}', ${why}: give the app the permission '${scope}'`,
		`Without the permission, Feishu leaves the field out of its answers. Add it under 'Permissions & Scopes' of the app in the developer console and release a new version; with a user's credential, add it to the credential's scopes and reconnect it. Nothing was written for this item. ${remedy}`,
	);
}
