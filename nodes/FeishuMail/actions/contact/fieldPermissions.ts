import { RefusedInput } from '../../transport/refusedInput';
import { contactFields, fieldScopes, type ContactField, type MailContact } from './mailContact';
import { parameterName } from '../../run/requestBody';

/** What a field is called on screen. */
export const fieldName = (field: ContactField) =>
	contactFields.find(({ name }) => name === parameterName(field))?.displayName ?? 'Name';

/** Whether a field may be missing although it has a value, because no contact of the mailbox shows it. */
export const mayBeHidden = (contacts: MailContact[], field: ContactField): boolean =>
	field in fieldScopes && contacts.length > 0 && !contacts.some((contact) => field in contact);

/**
 * For a field that no contact shows: most likely the permission is missing with which Feishu shows it.
 *
 * @param need what the field is needed for
 * @param remedy what to do if it is really empty everywhere
 */
export function hiddenField(field: ContactField, need: string, remedy: string): RefusedInput {
	const scope = fieldScopes[field as keyof typeof fieldScopes];
	return new RefusedInput(
		`${need} '${fieldName(field)}', but no contact of the mailbox shows it: give the app the permission '${scope}'`,
		`Without the permission, Feishu leaves the field out of its answers. Add it under 'Permissions & Scopes' of the app in the developer console and release a new version; with a user's credential, add it to the credential's scopes and reconnect it. Nothing was written for this item. ${remedy}`,
	);
}
