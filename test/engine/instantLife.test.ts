import { captureLog, logged } from './capturedLog';

import type { INodeCredentials, INodeParameters } from 'n8n-workflow';

import { connectionRefusal } from '../sandbox';
import { active, bothCredentials, instant, receive, started, steered } from './instantStage';
import { connected, credentialOf, engine, locate, sandbox } from './stage';
import { until } from './until';
import { addFolder, breakDown } from './watching';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const SUBSCRIBE = 'mail.event.subscribe';
const UNSUBSCRIBE = 'mail.event.unsubscribe';

beforeEach(() => captureLog());

/** What the log says about where the trigger begins, and why. */
const beginnings = () =>
	logged.flatMap(
		(line) => /Mails that come in from now on start the workflow: (.*?)\.(?=[^.]*$)/.exec(line)?.[1] ?? [],
	);

const NOTHING_KNOWN = 'n8n has nothing of an earlier poll, which it keeps by the name of the node';
const OTHER_SOURCE = 'another mailbox, folder, label or read status is chosen than before';

const subscriptions = () => sandbox.requestsTo(SUBSCRIBE).filter(({ executed }) => executed).length;

/** A public mailbox of which the user is a member. */
function addTeam() {
	const team = sandbox.tenant.addMailbox('team@example.com');
	team.members.add(sandbox.user);
	return team;
}

describe('when the workflow is published', () => {
	it('for the first time, what is there already starts nothing', async () => {
		for (let number = 0; number < 45; number++) receive({ subject: `Older ${number}` });
		await steered.pass(1000);
		const listening = await active();
		await steered.pass(16 * MINUTE);
		expect(listening.executions).toEqual([]);
		expect(beginnings()).toEqual([NOTHING_KNOWN]);
		receive({ subject: 'New' });
		await started(listening, 'New');
	});

	it('again, it catches up at once', async () => {
		const listening = await active();
		await listening.deactivate();
		const subjects = Array.from({ length: 120 }, (_, number) => `Meanwhile ${number}`);
		for (const subject of subjects) receive({ subject });
		await steered.pass(HOUR);
		await listening.activate();
		await started(listening, ...subjects);
		expect(beginnings()).toHaveLength(1);
	});

	it('again, it begins anew where Catch Up is off', async () => {
		const listening = await active({ options: { catchUp: false } });
		await listening.deactivate();
		receive({ subject: 'Meanwhile' });
		await steered.pass(1000);
		await listening.activate();
		await steered.pass(1000);
		receive({ subject: 'After' });
		await started(listening, 'After');
		expect(beginnings()).toEqual([NOTHING_KNOWN, "'Catch Up' is off"]);
	});

	it.each([true, false])(
		'what came while n8n was stopped comes after its start (Catch Up: %s)',
		async (catchUp) => {
			const listening = await active({ options: { catchUp } });
			await listening.kill();
			receive({ subject: 'Meanwhile' });
			await steered.pass(HOUR);
			await listening.activate('init');
			await started(listening, 'Meanwhile');
		},
	);

	it('with another name of the node, it begins anew', async () => {
		const listening = await active();
		await listening.deactivate();
		receive({ subject: 'Meanwhile' });
		await steered.pass(1000);
		const renamed = await instant({}, { settings: { name: 'Renamed' } });
		renamed.stored = listening.stored;
		await renamed.activate('update');
		await steered.pass(1000);
		receive({ subject: 'After' });
		await started(renamed, 'After');
		expect(logged.join('\n')).toContain('Renamed: Mails that come in from now on');
	});

	it.each<[string, INodeParameters, object]>([
		['folder', { folderId: locate('id', '700') }, { folder_id: '700' }],
		['label', { source: 'label', labelId: locate('id', 'FLAGGED') }, { label_ids: ['FLAGGED', 'UNREAD'] }],
		['read status', { filters: { readStatus: 'unread' } }, {}],
	])('with another %s, it begins anew', async (_, parameters, fields) => {
		addFolder('Projects', '700');
		sandbox.events.folders = 'all';
		const listening = await active();
		receive({ subject: 'Unknown', folder_id: '700', label_ids: ['FLAGGED', 'UNREAD'] });
		await steered.pass(1000);
		await listening.change(parameters);
		await steered.pass(1000);
		receive({ subject: 'After', ...fields });
		await started(listening, 'After');
		expect(beginnings()).toEqual([NOTHING_KNOWN, OTHER_SOURCE]);
	});

	it('with the credential of another user, it begins anew', async () => {
		const credentials = await bothCredentials();
		const one = await active({}, { credentials });
		await one.deactivate();
		receive({ subject: 'Meanwhile' });
		const feishuMailOAuth2Api = await connected();
		const other = await instant({}, { credentials: { ...credentials, feishuMailOAuth2Api } });
		other.stored = one.stored;
		await other.activate('update');
		await steered.pass(1000);
		expect(other.executions).toEqual([]);
		expect(beginnings()).toEqual([NOTHING_KNOWN, OTHER_SOURCE]);
	});

	it.each<[string, INodeParameters]>([
		['the output', { output: 'metadata' }],
		['filters', { filters: { subject: 'e' } }],
		['how often it checks', { checkEvery: 60 }],
		['the address in other letters', { userMailboxId: 'ME' }],
	])('with only %s changed, it goes on', async (_, parameters) => {
		const listening = await active();
		sandbox.events.lose(1);
		receive({ subject: 'Meanwhile' });
		await listening.change(parameters);
		await started(listening, 'Meanwhile');
		expect(beginnings()).toHaveLength(1);
	});
});

describe('what no event announces', () => {
	it("comes as often as 'Check Every' says", async () => {
		const listening = await active({ checkEvery: 5 });
		sandbox.events.lose(1);
		receive({ subject: 'Lost' });
		await steered.pass(4 * MINUTE - 2000);
		expect(listening.executions).toEqual([]);
		await steered.pass(MINUTE + 2000);
		await started(listening, 'Lost');
	});

	it('because there was no connection comes as soon as there is one', async () => {
		const listening = await active();
		sandbox.events.closeAll();
		await until(() => sandbox.events.connections.length === 0);
		receive({ subject: 'Down' });
		expect(sandbox.events.deliveries.at(-1)?.outcome).toBe('app not online');
		await steered.pass(10_000);
		await started(listening, 'Down');
		await steered.pass(30 * MINUTE);
		// That is no fault of the subscription.
		expect(logged.join('\n')).not.toContain('has not announced');
		expect(subscriptions()).toBe(1);
	});

	it('is logged and counted, and the mailbox is subscribed to again', async () => {
		const listening = await active();
		receive({ subject: 'Heard' });
		await started(listening, 'Heard');
		sandbox.app.subscriptions.splice(0);
		receive({ subject: 'One' });
		receive({ subject: 'Two' });
		await steered.pass(15 * MINUTE);
		await started(listening, 'Heard', 'One', 'Two');
		expect(subscriptions()).toBe(2);
		receive({ subject: 'Again' });
		await started(listening, 'Heard', 'One', 'Two', 'Again');
		sandbox.events.lose(1);
		receive({ subject: 'Three' });
		await steered.pass(15 * MINUTE);
		await started(listening, 'Heard', 'One', 'Two', 'Again', 'Three');
		const counts = logged.flatMap(
			(line) => /not announced (\d+) mails .*, (\d+) since/.exec(line)?.slice(1) ?? [],
		);
		expect(counts).toEqual(['2', '2', '1', '3']);
		// The app does get events.
		expect(listening.errors).toEqual([]);
	});

	it('although nothing ever was: what to do in the console is told, once', async () => {
		const listening = await active();
		for (const subject of ['One', 'Two']) {
			sandbox.events.lose(1);
			receive({ subject });
			await steered.pass(15 * MINUTE);
		}
		await started(listening, 'One', 'Two');
		expect(listening.errors).toEqual([
			expect.objectContaining({
				message: 'Feishu announces no mails to the app',
				description: expect.stringContaining("under 'Events & Callbacks', choose to receive events through"),
			}),
		]);
	});

	it('and came just before the check may still be announced', async () => {
		const listening = await active();
		await steered.pass(14 * MINUTE - 3000);
		sandbox.events.lose(1);
		receive({ subject: 'Late' });
		await steered.pass(MINUTE + 3000);
		await started(listening, 'Late');
		expect(logged.join('\n')).not.toContain('has not announced');
		expect(listening.errors).toEqual([]);
	});

	it('because there was none for minutes is no fault of the subscription either', async () => {
		const listening = await active();
		breakDown('event.endpoint', connectionRefusal(1));
		sandbox.events.closeAll();
		await until(() => sandbox.events.connections.length === 0);
		receive({ subject: 'Down' });
		await steered.pass(5 * MINUTE);
		sandbox.clearFaults();
		await steered.pass(4 * MINUTE);
		await started(listening, 'Down');
		expect(logged.join('\n')).not.toContain('has not announced');
		expect(subscriptions()).toBe(1);
	});

	it('because the subscription was lost does not stop the mails where it cannot be renewed', async () => {
		const listening = await active();
		sandbox.app.subscriptions.splice(0);
		sandbox.app.userScopes.delete('mail:event');
		receive({ subject: 'One' });
		await steered.pass(15 * MINUTE);
		receive({ subject: 'Two' });
		await steered.pass(15 * MINUTE);
		await started(listening, 'One', 'Two');
		expect(listening.errors.map(({ message }) => message)).toContainEqual(
			expect.stringContaining("'Scopes' of the credential holds mail:event"),
		);
	});
});

describe('the subscription', () => {
	it('is renewed after a day', async () => {
		await active({ checkEvery: 720 });
		// Pings would make the day long.
		breakDown('event.endpoint', connectionRefusal(1000040351));
		sandbox.events.closeAll();
		await steered.pass(13 * HOUR);
		expect(subscriptions()).toBe(1);
		await steered.pass(12 * HOUR);
		expect(subscriptions()).toBe(2);
	});

	it('is that of another mailbox where the expression gives another', async () => {
		const team = addTeam();
		const later = Date.now() + 10 * MINUTE;
		const userMailboxId = `={{ $now.toMillis() < ${later} ? 'me' : 'team@example.com' }}`;
		const listening = await active({ userMailboxId });
		await steered.pass(16 * MINUTE);
		team.receive({ subject: 'To the team' });
		await started(listening, 'To the team');
		expect(sandbox.events.connections).toHaveLength(1);
	});

	it('outlives the workflow', async () => {
		const listening = await active();
		await listening.deactivate();
		expect(sandbox.requestsTo(UNSUBSCRIBE)).toEqual([]);
		expect(sandbox.app.subscriptions).toHaveLength(1);
	});

	const unsubscribes = { options: { unsubscribe: true } };

	it('ends with the workflow where that is wanted', async () => {
		const listening = await active(unsubscribes);
		await listening.deactivate();
		expect(sandbox.app.subscriptions).toEqual([]);
	});

	it('ends with the last workflow of the user and the mailbox', async () => {
		addTeam();
		const credentials = await bothCredentials();
		const one = await active(unsubscribes, { credentials });
		const two = await active(unsubscribes, { credentials });
		const other = await active({ ...unsubscribes, userMailboxId: 'team@example.com' }, { credentials });
		await one.deactivate();
		expect(sandbox.requestsTo(UNSUBSCRIBE)).toEqual([]);
		receive({ subject: 'New' });
		await started(two, 'New');
		await other.deactivate();
		expect(sandbox.app.subscriptions.map(({ mailbox }) => mailbox)).toEqual([sandbox.mailbox]);
		await two.deactivate();
		expect(sandbox.app.subscriptions).toEqual([]);
	});

	it.each<[string, () => unknown]>([
		['hangs', () => sandbox.fail({ api: UNSUBSCRIBE, with: { kind: 'hang' } })],
		[
			'wants it to wait',
			() =>
				sandbox.fail({
					api: UNSUBSCRIBE,
					with: { code: 99991400, headers: { 'x-ogw-ratelimit-reset': '20' } },
				}),
		],
	])(
		'keeps n8n waiting for 5 seconds at most where Feishu %s, and does not end later',
		async (_, happens) => {
			const listening = await active(unsubscribes);
			happens();
			let isDone = false;
			const end = listening.deactivate().then(() => (isDone = true));
			await steered.pass(4000);
			expect(isDone).toBe(false);
			await steered.pass(1100);
			await end;
			await listening.activate('update');
			const asked = sandbox.requestsTo(UNSUBSCRIBE).length;
			await steered.pass(MINUTE);
			expect(sandbox.requestsTo(UNSUBSCRIBE)).toHaveLength(asked);
			expect(sandbox.app.subscriptions).toHaveLength(1);
			receive({ subject: 'New' });
			await started(listening, 'New');
		},
	);

	it('that was never made is not ended', async () => {
		const credentials = await bothCredentials();
		const feishuMailApi = await credentialOf(sandbox.tenant.addApp());
		const listening = await instant(unsubscribes, { credentials: { ...credentials, feishuMailApi } });
		await listening.activate('init');
		await steered.settle();
		await listening.deactivate();
		expect(listening.errors).toHaveLength(1);
		expect(sandbox.requestsTo(UNSUBSCRIBE)).toEqual([]);
	});

	it('whose end fails keeps no workflow from ending', async () => {
		const listening = await active(unsubscribes);
		breakDown(UNSUBSCRIBE, { status: 400, code: 1230001, msg: 'parameter error' });
		await listening.deactivate();
		expect(logged.join('\n')).toContain("Feishu does not accept the subscription: check 'Mailbox'");
	});
});

describe('several workflows', () => {
	it('of an app share one connection, and each gets the mail', async () => {
		const credentials = await bothCredentials();
		const one = await active({}, { credentials });
		const other = await active({ output: 'metadata' }, { credentials });
		expect(sandbox.events.opened).toBe(1);
		receive({ subject: 'New' });
		await started(one, 'New');
		await started(other, 'New');
		await one.deactivate();
		receive({ subject: 'Second' });
		await started(other, 'New', 'Second');
		expect(one.subjects).toEqual(['New']);
		expect(sandbox.events.opened).toBe(1);
	});

	it('of other mailboxes get their own mails each', async () => {
		const team = addTeam();
		const credentials = await bothCredentials();
		const own = await active({}, { credentials });
		const public_ = await active({ userMailboxId: 'team@example.com' }, { credentials });
		team.receive({ subject: 'To the team' });
		receive({ subject: 'To the user' });
		await started(own, 'To the user');
		await started(public_, 'To the team');
	});
});

it('a workflow that ends as soon as n8n has made it active opens no connection', async () => {
	const listening = await instant();
	await listening.activate('init');
	await listening.deactivate();
	await steered.settle();
	expect(sandbox.events.opened).toBe(0);
	expect(steered.waiting).toBe(0);
});

/** Has credentials be those of another app. */
async function exchange(credentials: INodeCredentials) {
	const app = sandbox.tenant.addApp();
	const others = await bothCredentials(app);
	for (const [type, credential] of Object.entries(credentials)) {
		await engine.credentials.change(credential, await engine.credentials.read(others[type]!));
	}
	return app;
}

it('credentials of another app are used at once when the connection is lost', async () => {
	const credentials = await bothCredentials();
	const listening = await active({}, { credentials });
	const app = await exchange(credentials);
	sandbox.events.closeAll();
	await until(() => sandbox.events.connections.length === 0);
	await steered.pass(5000);
	expect(sandbox.events.connections.map((connection) => connection.app)).toEqual([app]);
	receive({ subject: 'New' });
	await started(listening, 'New');
	await steered.pass(16 * MINUTE);
	expect(sandbox.events.opened).toBe(2);
	expect(listening.errors).toEqual([]);
});

it('credentials that somebody changes to those of another app are used from the next check on', async () => {
	const credentials = await bothCredentials();
	const listening = await active({}, { credentials });
	const app = await exchange(credentials);
	await steered.pass(15 * MINUTE);
	expect(sandbox.events.connections.map((connection) => connection.app)).toEqual([app]);
	sandbox.events.deliveries.length = 0;
	receive({ subject: 'New' });
	await started(listening, 'New');
	expect(sandbox.events.deliveries.find((delivery) => delivery.app === app)?.outcome).toBe('answered');
	expect(listening.errors).toEqual([]);
});
