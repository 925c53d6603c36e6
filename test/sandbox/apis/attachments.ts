import { bytesOf } from '../mails';
import type { Attachment } from '../mails';
import { fieldRefused, mailboxApi, success } from '../platform';
import type { Answer, Api, Call, DocumentedError, MailboxCall, World } from '../platform';
import { unknownMailbox } from './mailList';
import { bodyScope } from './mailView';
import { findMessage } from './messages';

const maxIds = 20;

const invalidParam = { status: 400, code: 1230001, msg: 'param invalid' };

/** In the form of the links that Feishu gives out to files in its drive; those to files of mails are not documented. */
const filePath = '/space/api/box/stream/download/authcode/';

/** Where the same files are without further redirects. */
const otherFilePath = '/space/api/box/stream/download/all/';

/** Why there is no link to a file. Words and cases are the sandbox's choice, as is that big files have no link. */
function reasonAgainst(file: Attachment | undefined): string | undefined {
	if (file === undefined) return 'attachment not found';
	return file.attachment_type === 2 ? 'large attachment not supported' : undefined;
}

/** A link to a file. */
export function linkTo(file: Attachment, { url, downloads }: World): string {
	return `${url}${filePath}?code=${downloads.open(file)}`;
}

/** Links to those of the files that a query asks for, and why there is none to the others. Throws for too many and for none. */
export function linksTo(
	files: readonly Attachment[],
	{ query, world }: Pick<MailboxCall, 'query' | 'world'>,
	wrong: DocumentedError,
) {
	// [docs] the key is repeated.
	const ids = [query.attachment_ids ?? []].flat();
	if (ids.length < 1 || ids.length > maxIds) {
		throw fieldRefused(wrong, 'attachment_ids', `1 to ${maxIds} ids expected`);
	}
	const wanted = ids.map((id) => ({ id, file: files.find((file) => file.id === id) }));
	const download_urls = wanted.flatMap(({ id, file }) =>
		file === undefined || reasonAgainst(file)
			? []
			: [{ attachment_id: id, download_url: linkTo(file, world) }],
	);
	const failed_reasons = wanted.flatMap(({ id, file }) => {
		const reason = reasonAgainst(file);
		return reason === undefined ? [] : [{ attachment_id: id, reason }];
	});
	return { download_urls, failed_reasons };
}

export const attachmentDownloadUrl = mailboxApi({
	name: 'mail.message.attachmentDownloadUrl',
	method: 'GET',
	path: '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/messages/:message_id/attachments/download_url',
	scopes: [bodyScope],
	documentedQuota: { limit: 1, window: 1 },
	errors: {
		mailboxNotFound: unknownMailbox,
		// [docs] the page has the texts of this and of 1230003 (HTTP 500) the wrong way round.
		noDataPermission: { status: 403, code: 1230002, msg: 'no permission' },
	},
	handle({ mailbox, parameters, query, world }) {
		const message = findMessage(mailbox, parameters.message_id);
		if (message === undefined) {
			throw fieldRefused(invalidParam, 'message_id', 'no such message', parameters.message_id);
		}
		const { download_urls, failed_reasons } = linksTo(message.attachments, { query, world }, invalidParam);
		const failed_ids = failed_reasons.map(({ attachment_id }) => attachment_id);
		return success({ download_urls, failed_ids, failed_reasons });
	},
});

function refused(status: number, text: string): Answer {
	return { status, text, contentType: 'text/plain', executed: false };
}

/** Where a link leads on to, if it does not give the file itself. */
function furtherUrl(code: string, { url, mailChoices }: World): string | undefined {
	const query = `?code=${encodeURIComponent(code)}`;
	switch (mailChoices.redirects) {
		case 'path':
			return otherFilePath + query;
		case 'host': {
			const other = new URL(otherFilePath + query, url);
			// The sandbox, by another name.
			other.hostname = 'localhost';
			return other.href;
		}
		case 'loop':
			return filePath + query;
		case 'none':
			return undefined;
	}
}

/**
 * The file behind a link. Whoever has the link has the file: no token is needed, and one that comes along is refused,
 * so that no client gets used to sending it. [docs] twice and for two hours; statuses and texts are the sandbox's choice.
 */
export const fileDownload: Api<'file.download'> = {
	name: 'file.download',
	method: 'GET',
	path: [filePath, otherFilePath],
	tokenTypes: [],
	scopes: [],
	fieldScopes: [],
	answer({ request, world }: Call) {
		if (request.headers.authorization !== undefined) {
			world.downloads.withToken.push(request);
			return refused(400, 'no Authorization header expected');
		}
		const code = [request.query.code ?? ''].flat()[0] ?? '';
		const further = request.path === filePath ? furtherUrl(code, world) : undefined;
		if (further !== undefined) {
			return {
				status: 302,
				headers: { Location: further },
				text: '',
				contentType: 'text/plain',
				executed: true,
			};
		}
		const file = world.downloads.use(code);
		if (file === undefined) return refused(403, 'link invalid, expired or used up');
		return {
			status: 200,
			headers: {
				'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.filename)}`,
			},
			text: bytesOf(file),
			// [cli] whatever it is.
			contentType: 'application/octet-stream',
			executed: true,
		};
	},
};
