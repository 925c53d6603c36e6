/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-dangerous-functions -- starts the command as a user would */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { Sandbox, type Message } from '../sandbox';

let sandbox: Sandbox;

beforeEach(async () => {
	sandbox = await Sandbox.start();
	sandbox.setDocumentedQuotas();
});

afterEach(async () => await sandbox.close());

type Watch = (child: ChildProcess) => void;

async function run(environment: Record<string, string>, watch?: Watch) {
	const child = spawn(process.execPath, ['--import', 'tsx', join(__dirname, 'live.ts')], {
		env: { PATH: process.env.PATH, ...environment },
	});
	watch?.(child);
	let output = '';
	child.stdout.on('data', (chunk) => (output += chunk));
	child.stderr.on('data', (chunk) => (output += chunk));
	const [code] = (await once(child, 'close')) as [number];
	return { code, output };
}

/** A user who lets the command send. */
const sending = () => ({
	FEISHU_USER_ACCESS_TOKEN: sandbox.issueUserTokens().access_token,
	FEISHU_LIVE_SEND: '1',
});

/** The command against the sandbox. Nothing may stay in the mailbox, and no secret may be printed. */
async function runLive(environment: Record<string, string> = {}, watch?: Watch) {
	const { contacts, labels } = sandbox.mailbox;
	const before = { contacts: [...contacts], labels: [...labels] };
	const { code, output } = await run(
		{
			FEISHU_APP_ID: sandbox.app.id,
			FEISHU_APP_SECRET: sandbox.app.secret,
			FEISHU_MAILBOX: sandbox.mailbox.address,
			FEISHU_BASE_URL: sandbox.url,
			...environment,
		},
		watch,
	);
	expect({ contacts, labels }).toEqual(before);
	const isLeft = ({ subject, folder_id }: Message) =>
		subject.includes('n8n live check') && folder_id !== 'TRASH';
	expect(sandbox.mailbox.messages.filter(isLeft)).toEqual([]);
	for (const { headers } of sandbox.requests) {
		const token = String(headers.authorization ?? '').replace('Bearer ', '');
		if (token) expect(output).not.toContain(token);
	}
	expect(output).not.toContain(sandbox.app.secret);
	const rows = output.split('\n').filter((line) => / {2}(ok|differs) /.test(line));
	return { code, output, rows, different: rows.filter((line) => line.includes('  differs  ')) };
}

describe('npm run test:live', () => {
	it('finds everything as expected in the sandbox, without a quota refusing it', async () => {
		sandbox.mailbox.contacts.push(
			...Array.from({ length: 45 }, (_, index) => ({ id: `c${index}`, name: `Someone ${index}` })),
		);
		for (let number = 0; number < 25; number++) sandbox.mailbox.receive();
		const mails = structuredClone(sandbox.mailbox.messages);
		const { code, output, rows, different } = await runLive();
		process.stdout.write(output);
		expect(different).toEqual([]);
		expect(rows).toHaveLength(53);
		expect(code).toBe(0);
		expect(sandbox.mailbox.messages).toEqual(mails);
		expect(sandbox.requests.filter((request) => request.status === 429)).toEqual([]);
	});

	it('sends nothing unless it is told to', async () => {
		const { FEISHU_USER_ACCESS_TOKEN } = sending();
		const { code, rows, different } = await runLive({ FEISHU_USER_ACCESS_TOKEN });
		expect(different).toEqual([]);
		expect(rows).toContainEqual(
			expect.stringMatching(/^drafts, sending +skipped +skipped .* FEISHU_LIVE_SEND is not 1$/),
		);
		expect(sandbox.requestsTo('mail.draft.create')).toEqual([]);
		expect(sandbox.sentMails).toEqual([]);
		expect(code).toBe(0);
	});

	it('sends where a user lets it: to the mailbox itself, and leaves it all in the trash', async () => {
		const mail = structuredClone(sandbox.mailbox.receive());
		// It takes a second look.
		sandbox.mailChoices.deliveryTime = 1000;
		const { code, output, rows, different } = await runLive(sending());
		process.stdout.write(output);
		expect(different).toEqual([]);
		expect(rows.filter((line) => line.includes('  skipped  '))).toEqual([]);
		expect(rows).toHaveLength(111);
		expect(code).toBe(0);
		expect(sandbox.sentMails.map(({ recipients }) => recipients)).toEqual([
			[sandbox.mailbox.address],
			[sandbox.mailbox.address],
		]);
		const [first, ...others] = sandbox.mailbox.messages;
		expect(first).toEqual(mail);
		expect(others.map(({ folder_id }) => folder_id)).toEqual(['TRASH', 'TRASH', 'TRASH', 'TRASH']);
		expect(sandbox.requests.filter((request) => request.status === 429)).toEqual([]);
	});

	it('hears of the mails that it sends, and leaves the subscription as it was', async () => {
		const { code, output, rows, different } = await runLive({ ...sending(), FEISHU_LIVE_EVENTS: '1' });
		process.stdout.write(output);
		expect(different).toEqual([]);
		const events = rows.filter((line) => line.startsWith('events: '));
		expect(events).toHaveLength(13);
		expect(events).toContainEqual(expect.stringMatching(/^events: of a mail +announced +announced/));
		expect(code).toBe(0);
		expect(sandbox.app.subscriptions).toEqual([]);
		expect(sandbox.events.connections).toHaveLength(0);
	});

	it('listens without sending', async () => {
		const { FEISHU_USER_ACCESS_TOKEN } = sending();
		const { code, rows, different } = await runLive({ FEISHU_USER_ACCESS_TOKEN, FEISHU_LIVE_EVENTS: '1' });
		expect(different).toEqual([]);
		expect(rows).toContainEqual(expect.stringMatching(/^events: connection +up +up/));
		expect(sandbox.sentMails).toEqual([]);
		expect(code).toBe(0);
	});

	it('tells what is missing to hear of mails', async () => {
		sandbox.app.versions.length = 0;
		sandbox.events.otherConnections = 50;
		const { FEISHU_USER_ACCESS_TOKEN } = sending();
		const { code, different } = await runLive({ FEISHU_USER_ACCESS_TOKEN, FEISHU_LIVE_EVENTS: '1' });
		expect(different.map((line) => line.split(/ {2,}/, 1)[0])).toEqual([
			'events: in the version',
			'events: connection',
		]);
		expect(different[1]).toContain('1000040350');
		expect(code).toBe(1);
	});

	it('tells what becomes of mails other than expected', async () => {
		Object.assign(sandbox.mailChoices, { keepsMessageId: false, scheduledMessageId: false, draftIdIn: 'id' });
		const { code, different } = await runLive(sending());
		expect(different.map((line) => line.split(/ {2,}/, 3).join(' | '))).toEqual([
			'sent: Message-ID | kept (assumed) | not kept',
			'received: Message-ID | kept (assumed) | not kept',
			'reply: Message-ID | kept (assumed) | not kept',
			'draft: answer to create | draft.id | id',
			'schedule: answer | message_id (assumed) | none',
		]);
		expect(code).toBe(1);
	});

	it('tells that the mailbox does not let programs send', async () => {
		sandbox.mailbox.sending.automationDisabled = { reason: 'switched off by the user' };
		const { code, different } = await runLive(sending());
		expect(different[0]).toMatch(/^reply: sending by programs +allowed +switched off +differs/);
		expect(code).toBe(1);
	});

	it('sends nothing to a mailbox that is not the own one of the user', async () => {
		const team = sandbox.tenant.addMailbox('team@example.com');
		team.members.add(sandbox.user);
		const { code, rows } = await runLive({ ...sending(), FEISHU_MAILBOX: team.address });
		expect(rows).toContainEqual(
			expect.stringMatching(/^profile: address +the mailbox +another one +differs/),
		);
		expect(sandbox.sentMails).toEqual([]);
		expect(sandbox.requestsTo('mail.draft.create')).toEqual([]);
		expect(code).toBe(1);
	});

	it.each([
		['the answer to its sending is lost', 'mail.message.send', { kind: 'reset', when: 'after' }],
		['the answer to a draft is lost', 'mail.draft.create', { kind: 'truncated' }],
		['a draft cannot be read', 'mail.draft.get', { code: 1236019, status: 500 }],
		['its cancellation fails at first', 'mail.message.cancelScheduledSend', { code: 1236019, status: 500 }],
		['its trashing fails at first', 'mail.message.batchTrash', { code: 1230002, status: 500 }],
	] as const)('leaves no mail when %s', async (_, api, fault) => {
		sandbox.fail({ api, with: fault });
		const { code, different } = await runLive(sending());
		expect(different.length).toBeGreaterThan(0);
		expect(code).toBe(1);
	});

	it('tells that an update takes away what it leaves out', async () => {
		sandbox.contactPatch = 'replace';
		const { code, different } = await runLive();
		expect(different).toEqual([
			expect.stringMatching(/^contact: fields an update leaves out +kept \(assumed\) +replaced +differs/),
		]);
		expect(code).toBe(1);
	});

	it('skips what there are no mails for', async () => {
		const { code, rows, different } = await runLive();
		expect(different).toEqual([]);
		expect(rows).toContainEqual(
			expect.stringMatching(/^mails: read +skipped +skipped .* the inbox is empty$/),
		);
		expect(code).toBe(0);
	});

	it('tells how mails are other than expected, and nothing of what is in them', async () => {
		sandbox.mailChoices.unknownIds = 'leaveOut';
		sandbox.app.scopes.delete('mail:user_mailbox.message.subject:read');
		sandbox.mailbox.receive({ subject: 'Budget', body_plain_text: 'Confidential' });
		const { code, output, rows, different } = await runLive();
		expect(different).toEqual([
			expect.stringMatching(/^mails: read with an unknown id +400 1230006 +200 0 +differs/),
		]);
		expect(rows).toContainEqual(expect.stringMatching(/^mails: subject +left out +left out +ok/));
		expect(output).not.toMatch(/Budget|Confidential|ann@example/);
		expect(code).toBe(1);
	});

	it('tells which code came instead of the documented one, and with which log id', async () => {
		sandbox.fail({ api: 'mail.label.get', with: { code: 1234017, status: 500, msg: 'internal error' } });
		const { code, different } = await runLive();
		expect(different[0]).toMatch(/^label: get +200 0 +500 1234017 +differs +- +internal error 20\d{12}\w+/);
		expect(code).toBe(1);
	});

	it.each([
		['the answer to its creation is lost', 'mail.contact.create', { kind: 'reset', when: 'after' }],
		['the answer to its creation is cut', 'mail.label.create', { kind: 'truncated' }],
		['its deletion fails at first', 'mail.label.delete', { code: 1234017, status: 500 }],
		['a step in between fails', 'mail.contact.patch', { kind: 'html' }],
	] as const)('leaves nothing when %s', async (_, api, fault) => {
		sandbox.fail({ api, with: fault });
		const { code, different } = await runLive();
		expect(different.length).toBeGreaterThan(0);
		expect(code).toBe(1);
	});

	it('leaves nothing when Ctrl-C ends it', async () => {
		sandbox.latency = 20;
		const { code, output } = await runLive({}, (child) => {
			const timer = setInterval(() => {
				if (sandbox.mailbox.contacts.length > 0) child.kill('SIGINT');
			}, 5);
			child.once('close', () => clearInterval(timer));
		});
		expect(output).toContain('Stopped: interrupted.');
		expect(sandbox.requestsTo('mail.contact.delete')).toHaveLength(1);
		expect(code).toBe(1);
	});

	it('cancels what it has scheduled when Ctrl-C ends it', async () => {
		sandbox.latency = 20;
		const isScheduled = () => sandbox.mailbox.messages.some(({ folder_id }) => folder_id === 'SCHEDULED');
		const { code, output } = await runLive(sending(), (child) => {
			const timer = setInterval(() => {
				if (isScheduled()) child.kill('SIGINT');
			}, 5);
			child.once('close', () => clearInterval(timer));
		});
		expect(output).toContain('Stopped: interrupted.');
		expect(code).toBe(1);
	});

	it('waits where a quota is used up', async () => {
		sandbox.setQuota('mail.label.create', { limit: 1, window: 1 });
		const { code, rows, different } = await runLive();
		expect(different).toEqual([]);
		expect(rows).toContainEqual(expect.stringMatching(/^label: create, same name .* limit 1, reset 0\.\d+/));
		expect(code).toBe(0);
	});

	it('stops at a token exchange that fails', async () => {
		const { code, output, rows } = await runLive({ FEISHU_APP_ID: 'cli_unknown' });
		expect(rows).toHaveLength(2);
		expect(output).toContain("Stopped: 'token exchange' failed.");
		expect(code).toBe(1);
	});

	it('shows no secret that a server repeats', async () => {
		sandbox.fail({ api: 'mail.label.get', with: { code: 1, msg: `for ${sandbox.app.secret}` } });
		const { different } = await runLive();
		expect(different[0]).toContain('for ***');
	});

	it('does not begin to send without a user', async () => {
		const { code, output } = await runLive({ FEISHU_LIVE_SEND: '1' });
		expect(output).toBe('Not started: FEISHU_LIVE_SEND is 1, but FEISHU_USER_ACCESS_TOKEN is not set.\n');
		expect(sandbox.requests).toEqual([]);
		expect(code).toBe(1);
	});

	it('says in one line that it is skipped', async () => {
		expect(await run({})).toEqual({
			code: 0,
			output: 'Skipped: FEISHU_APP_ID, FEISHU_APP_SECRET and FEISHU_MAILBOX are not all set.\n',
		});
	});
});
