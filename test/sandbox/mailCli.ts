/* eslint-disable @n8n/community-nodes/no-restricted-imports, no-console -- a command for a terminal */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';

import axios from 'axios';

import { defaultPort, fail, portOf, readOptions } from './commandLine';
import { mailsPath } from './droppedMails';
import type { DroppedMails } from './droppedMails';

const help = `Drops mails into a running Feishu sandbox, that of "npm start" or of "npm run sandbox".

Usage: npm run mail -- [options]

Without options it drops a sample mail into the sandbox's own mailbox, unread and of now.

  --subject <text>     subject of the mail
  --from <address>     sender: ann@example.org, or "Ann Lee <ann@example.org>"
  --text <text>        text of the mail
  --file <path>        a file that it has; for several files, several times
  --sample-files       gives it two sample files, a PDF and a CSV
  --count <number>     drops in that many (default 1, at most 500)
  --mailbox <address>  mailbox in which it arrives (default: the sandbox's own)
  --folder <name>      name or id of the folder in which it arrives (default Inbox)
  --read               it is read already
  --port <number>      the sandbox's port (default ${defaultPort})
  --url <url>          the sandbox's URL, instead of its port
  --help               show this text

Examples:
  npm run mail
  npm run mail -- --subject "Invoice 12" --from "Ann Lee <ann@example.org>" --file invoice.pdf
  npm run mail -- --count 25 --mailbox team@example.com`;

/** What the form takes as it is. */
const fields = ['subject', 'from', 'text', 'count', 'mailbox', 'folder'] as const;

async function addFile(form: FormData, path: string): Promise<void> {
	const content = await readFile(path).catch(({ code, message }: NodeJS.ErrnoException) =>
		fail(code === 'ENOENT' ? `There is no file ${path}.` : `The file ${path} cannot be read: ${message}`),
	);
	form.append('file', new Blob([new Uint8Array(content)]), basename(path));
}

async function drop(url: string, form: FormData): Promise<DroppedMails> {
	const wanted = { Accept: 'application/json' };
	const { status, data } = await axios
		.post<unknown>(`${url}${mailsPath}`, form, { headers: wanted, proxy: false, validateStatus: () => true })
		.catch(({ code, message }: NodeJS.ErrnoException) =>
			fail(
				code === 'ECONNREFUSED'
					? `No sandbox listens on ${url}. Start one with "npm start" or "npm run sandbox", or say with --port or --url where it is.`
					: `The sandbox at ${url} cannot be reached: ${message}`,
			),
		);
	const answer = (typeof data === 'object' ? data : {}) as Partial<DroppedMails & { error: string }>;
	if (answer.mails !== undefined) return answer as DroppedMails;
	if (status === 413) return fail('The sandbox does not take that much: files of 75 MB are the most.');
	return fail(
		answer.error ??
			`What listens on ${url} is no Feishu sandbox that takes mails: it answered with HTTP ${status}. Say with --port or --url where the sandbox is.`,
	);
}

function urlOf({ url, port }: { url?: string; port?: string }): string {
	if (url === undefined) return `http://127.0.0.1:${portOf(port)}`;
	if (port !== undefined) return fail('Say --port or --url, not both.');
	if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : '')) {
		return fail(`--url needs a URL such as http://127.0.0.1:${defaultPort}, not "${url}".`);
	}
	return new URL(url).origin;
}

function shown({ mailbox, folder, mails }: DroppedMails, read: boolean): string {
	const lines = mails.map(({ internal_date, from, subject, files, message_id }) => {
		const sender = from.name === undefined ? from.mail_address : `${from.name} <${from.mail_address}>`;
		const parts = [new Date(internal_date).toISOString().slice(0, 19).replace('T', ' '), sender, subject];
		return `  ${[...parts, ...(files.length > 0 ? [files.join(', ')] : []), message_id].join('  ')}`;
	});
	const mark = read ? 'read already' : 'unread';
	const what = mails.length === 1 ? 'A mail is' : `${mails.length} mails are`;
	return [
		`${what} in ${mailbox}, folder ${folder}, ${mark} (UTC, sender, subject, files, id):`,
		...lines,
	].join('\n');
}

async function main(): Promise<void> {
	const options = readOptions({
		subject: { type: 'string' },
		from: { type: 'string' },
		text: { type: 'string' },
		file: { type: 'string', multiple: true },
		'sample-files': { type: 'boolean' },
		count: { type: 'string' },
		mailbox: { type: 'string' },
		folder: { type: 'string' },
		read: { type: 'boolean' },
		port: { type: 'string' },
		url: { type: 'string' },
		help: { type: 'boolean' },
	});
	if (options.help) {
		console.log(help);
		return;
	}
	const url = urlOf(options);
	const form = new FormData();
	for (const name of fields) {
		const { [name]: value } = options;
		if (value !== undefined) form.append(name, value);
	}
	if (options.read) form.append('read', 'yes');
	if (options['sample-files']) form.append('sampleFiles', 'yes');
	for (const path of options.file ?? []) await addFile(form, path);
	console.log(shown(await drop(url, form), options.read ?? false));
}

void main();
