/* eslint-disable @n8n/community-nodes/no-restricted-globals, no-console -- a command for a terminal */
import { checkTenant } from './checkTenant';
import { tableOf } from './report';

/**
 * `npm run test:live`: compares a real tenant with what the sandbox and the documentation say.
 *
 * Reads FEISHU_APP_ID, FEISHU_APP_SECRET, FEISHU_MAILBOX and, for Lark or a private deployment, FEISHU_BASE_URL. The
 * app needs the tenant scopes mail:user_mailbox.mail_contact:write, mail:user_mailbox.message:modify,
 * mail:user_mailbox.message:readonly, mail:user_mailbox:readonly and, to see the email of a contact,
 * mail:user_mailbox.mail_contact.mail_address:read, and the data permission for the mailbox, which should hold fewer
 * than 240 contacts and be somebody's own: a public one opens no other mailboxes.
 *
 * With FEISHU_USER_ACCESS_TOKEN, a token of the user whose mailbox it is (the API Explorer of the developer console
 * gives one; it lives some two hours), it looks at what only users may see: profile, search, drafts, deliveries. With
 * FEISHU_LIVE_SEND=1 besides, it also writes: it sends a mail with a file and an image from the mailbox to the mailbox,
 * sends it again, which Feishu must refuse, replies to it, and creates, changes, schedules, cancels and deletes drafts.
 * Nobody else gets a mail. The two mails, of which Feishu keeps a sent and a received copy each, end in the trash, from
 * where no program can delete them. The token needs the user scopes mail:user_mailbox:readonly,
 * mail:user_mailbox.message:readonly, mail:user_mailbox.message.subject:read,
 * mail:user_mailbox.message.address:read, mail:user_mailbox.message.body:read and, to write,
 * mail:user_mailbox.message:modify and mail:user_mailbox.message:send.
 *
 * With FEISHU_LIVE_EVENTS=1, also with a token of the user: it subscribes to the mailbox, opens the app's long connection
 * and, where it sends mails, waits for their events. The app needs the event "Message received" in its published version
 * and the user scopes mail:event and mail:user_mailbox.event.mail_address:read; events to other programs of the app go
 * astray meanwhile. A subscription that was not there before is ended.
 *
 * It sends some 30 requests, or 80 where it writes, within Feishu's documented quotas, and waits where Feishu says so.
 * What it creates is called "n8n live check" with random digits, in the subject where it is a mail, and is deleted at
 * the end, after a failure or Ctrl-C too. Of other mails it reads the newest of the inbox, without their texts, and in
 * the end of the folders that its own can be in; it changes none of them and prints nothing of them.
 *
 * "(assumed)" marks what Feishu does not document and the sandbox had to choose; a difference there, too, is news for
 * the sandbox. Exit code 0: everything is as expected, or the variables are not set. Exit code 1: something differs, a
 * step that others depend on failed (they are left out), or something could not be deleted.
 */
async function main(): Promise<void> {
	const {
		FEISHU_APP_ID: appId = '',
		FEISHU_APP_SECRET: appSecret = '',
		FEISHU_MAILBOX: mailbox = '',
		FEISHU_BASE_URL: baseUrl = '',
		FEISHU_USER_ACCESS_TOKEN: userAccessToken,
		FEISHU_LIVE_SEND: send,
		FEISHU_LIVE_EVENTS: events,
	} = process.env;
	if (!appId || !appSecret || !mailbox) {
		console.log('Skipped: FEISHU_APP_ID, FEISHU_APP_SECRET and FEISHU_MAILBOX are not all set.');
		return;
	}
	const sends = send === '1';
	const listens = events === '1';
	if ((sends || listens) && !userAccessToken) {
		const name = sends ? 'FEISHU_LIVE_SEND' : 'FEISHU_LIVE_EVENTS';
		console.log(`Not started: ${name} is 1, but FEISHU_USER_ACCESS_TOKEN is not set.`);
		process.exitCode = 1;
		return;
	}
	const interruption = new AbortController();
	process.on('SIGINT', () => interruption.abort());
	const url = (baseUrl || 'https://open.feishu.cn').replace(/(\/open-apis)?\/*$/, '');
	const report = await checkTenant(
		{ url, appId, appSecret, mailbox, userAccessToken, sends, listens },
		interruption.signal,
	);
	console.log(`${url}\n\n${tableOf(report.rows)}`);
	for (const line of report.remarks) console.log(`\n${line}`);
	if (report.remarks.length > 0 || report.rows.some(({ ok }) => !ok)) process.exitCode = 1;
}

void main();
