import type { MailAddress, Message, NewMessage } from './mails';
import { sampleFilesOf, sampleMail } from './sampleMails';
import type { Folder, Mailbox, Tenant } from './tenants';

/** Where mails are dropped in: the sandbox's own, from its page and with `npm run mail`. */
export const mailsPath = '/sandbox/mails';

const mostMails = 500;

/** Why no mail was dropped in, in words for whoever wanted it. */
export class NotDropped extends Error {}

/** What was dropped in, as `npm run mail` gets it. */
export interface DroppedMails {
	mailbox: string;
	/** As a path of names. */
	folder: string;
	mails: Array<{
		message_id: string;
		/** ms since 1970 */
		internal_date: number;
		from: MailAddress;
		subject: string;
		files: string[];
	}>;
}

/** The folders in which mails from outside can be. */
export function foldersForArrivals({ systemFolders, folders }: Mailbox): Folder[] {
	return [...systemFolders.filter(({ id }) => !['SENT', 'DRAFT', 'SCHEDULED'].includes(id)), ...folders];
}

const listOf = (names: string[]) => names.join(', ');

function mailboxOf(tenants: readonly Tenant[], address: string): Mailbox {
	const all = tenants.flatMap(({ mailboxes }) => mailboxes).filter(({ active }) => active);
	const mailbox = all.find((candidate) => candidate.address.toLowerCase() === address.toLowerCase());
	if (mailbox !== undefined) return mailbox;
	throw new NotDropped(
		`There is no mailbox "${address}". Choose one of: ${listOf(all.map((one) => one.address))}.`,
	);
}

/** A folder by its id, its name or its path, in which letter case does not count. */
function folderOf(mailbox: Mailbox, wanted: string): Folder {
	const all = foldersForArrivals(mailbox);
	const isWanted = (name: string) => name.toLowerCase() === wanted.toLowerCase();
	const folder =
		all.find(({ id }) => id === wanted) ??
		all.find((one) => isWanted(mailbox.pathOf(one))) ??
		all.find(({ id, name }) => isWanted(name) || isWanted(id));
	if (folder !== undefined) return folder;
	const names = all.map((one) => mailbox.pathOf(one));
	throw new NotDropped(
		`${mailbox.address} has no folder "${wanted}" for mails that arrive. Choose one of: ${listOf(names)}.`,
	);
}

function addressOf(text: string): MailAddress {
	const [, name = '', named, bare] =
		/^(?:"?([^"<>]*?)"?\s*<([^<>\s@]+@[^<>\s@]+)>|([^<>\s@]+@[^<>\s@]+))$/.exec(text) ?? [];
	const mail_address = named ?? bare;
	if (mail_address === undefined) {
		throw new NotDropped(
			`The sender is an address such as ann@example.org or Ann Lee <ann@example.org>, not "${text}".`,
		);
	}
	return name === '' ? { mail_address } : { mail_address, name };
}

function countOf(text: string): number {
	const count = Number(text);
	if (Number.isInteger(count) && count >= 1 && count <= mostMails) return count;
	throw new NotDropped(`The count is a whole number from 1 to ${mostMails}, not "${text}".`);
}

/** A form as browsers and programs post it. */
export async function readForm(body: Buffer, contentType = ''): Promise<FormData> {
	return await new Response(body, { headers: { 'Content-Type': contentType } }).formData().catch(() => {
		throw new NotDropped('The form cannot be read: it is taken as multipart/form-data.');
	});
}

async function filesOf(form: FormData): Promise<NewMessage['attachments'] & {}> {
	const files = form.getAll('file').filter((file) => typeof file !== 'string');
	// What a browser sends where no file was chosen has no name.
	const chosen = files.filter(({ name }) => name !== '');
	return await Promise.all(
		chosen.map(async (file) => ({ filename: file.name, content: Buffer.from(await file.arrayBuffer()) })),
	);
}

/**
 * Drops mails into a mailbox as a form says: `mailbox` (an address), `from`, `subject`, `text`, `folder`, `count`, `read`
 * (else unread), `sampleFiles` and any number of `file`. What is not said, or empty, is filled in as a sample.
 *
 * @param own - the mailbox where none is named
 */
export async function dropMails(
	form: FormData,
	tenants: readonly Tenant[],
	own: Mailbox,
): Promise<DroppedMails> {
	const field = (name: string): string | undefined => {
		const value = form.get(name);
		return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
	};
	const mailbox = mailboxOf(tenants, field('mailbox') ?? own.address);
	const folder = folderOf(mailbox, field('folder') ?? 'INBOX');
	const count = countOf(field('count') ?? '1');
	const [sender, subject, text] = [field('from'), field('subject'), field('text')];
	const from = sender === undefined ? undefined : addressOf(sender);
	const files = await filesOf(form);
	const mails = Array.from({ length: count }, (_, index): Message => {
		const number = mailbox.messages.length + 1;
		const sample = sampleMail(number);
		const ofSeveral = count > 1 && subject !== undefined ? ` (${index + 1} of ${count})` : '';
		return mailbox.receive({
			head_from: from ?? sample.from,
			subject: (subject ?? (text === undefined ? sample.subject : 'Sample mail')) + ofSeveral,
			body_plain_text: (text ?? (subject === undefined ? sample.text : 'A sample text.')).replace(
				/\r\n/g,
				'\n',
			),
			folder_id: folder.id,
			label_ids: field('read') === undefined ? ['UNREAD'] : [],
			attachments: [...files, ...(field('sampleFiles') === undefined ? [] : sampleFilesOf(number))],
		});
	});
	return {
		mailbox: mailbox.address,
		folder: mailbox.pathOf(folder),
		mails: mails.map(({ message_id, internal_date, head_from, subject: shown, attachments }) => ({
			message_id,
			internal_date,
			from: head_from,
			subject: shown,
			files: attachments.map(({ filename }) => filename),
		})),
	};
}
