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
 * It sends some 30 requests, within Feishu's documented quotas, and waits where Feishu says so. What it creates is
 * called "n8n live check" with random digits, and is deleted at the end, after a failure or Ctrl-C too. Of mails it
 * reads the newest of the inbox, without their texts; it changes none and prints nothing of them.
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
	} = process.env;
	if (!appId || !appSecret || !mailbox) {
		console.log('Skipped: FEISHU_APP_ID, FEISHU_APP_SECRET and FEISHU_MAILBOX are not all set.');
		return;
	}
	const interruption = new AbortController();
	process.on('SIGINT', () => interruption.abort());
	const url = (baseUrl || 'https://open.feishu.cn').replace(/(\/open-apis)?\/*$/, '');
	const report = await checkTenant({ url, appId, appSecret, mailbox }, interruption.signal);
	console.log(`${url}\n\n${tableOf(report.rows)}`);
	for (const line of report.remarks) console.log(`\n${line}`);
	if (report.remarks.length > 0 || report.rows.some(({ ok }) => !ok)) process.exitCode = 1;
}

void main();
