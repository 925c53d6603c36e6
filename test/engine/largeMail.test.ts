import { randomBytes } from 'node:crypto';

import type { Fault } from '../sandbox';
import { connected, run, sandbox } from './stage';

const content = randomBytes(5_000_001);

const file = {
	data: content.toString('base64'),
	mimeType: 'application/pdf',
	fileName: '合同.pdf',
};

it.each<[string, Fault, string]>([
	['Feishu answers at once', { kind: 'delay', ms: 0 }, 'sent'],
	['the connection breaks first', { kind: 'reset', when: 'before' }, 'sent'],
	['the first answer is lost', { kind: 'reset', when: 'after' }, 'alreadySent'],
	['the quota is used up', { code: 99991400 }, 'sent'],
	['the token is rejected', { status: 401, code: 99991668 }, 'sent'],
])('a large file arrives whole and once where %s', async (_, fault, outcome) => {
	sandbox.fail({ api: 'mail.message.send', with: fault });
	const { jsons } = await run(
		'message',
		'send',
		{
			userMailboxId: 'me',
			to: 'jane@example.org',
			subject: 'Contract',
			message: 'As agreed.',
			additionalFields: { attachments: '={{ $json.file }}' },
		},
		{ items: [{ file }], credential: await connected() },
	);
	expect(jsons).toMatchObject([{ outcome }]);
	const [sent, ...others] = sandbox.sentMails;
	expect(others).toEqual([]);
	expect(sent!.mail.attachments.map(({ filename }) => filename)).toEqual(['合同.pdf']);
	expect(sent!.mail.attachments[0]!.content.equals(content)).toBe(true);
	// What Feishu's documentation asks for.
	expect(sandbox.requestsTo('mail.message.send').map(({ headers }) => headers['content-type'])).toEqual(
		sandbox.requestsTo('mail.message.send').map(() => 'application/json'),
	);
});
