/* eslint-disable @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
import { captureLog, logged } from './capturedLog';

import type { INodeParameters } from 'n8n-workflow';

import { connectionRefusal, mailEvent, type AnswerFault, type ApiName } from '../sandbox';
import { active, bothCredentials, instant, receive, started, steered } from './instantStage';
import type { Listener, Listening } from './listening';
import { connected, credentialOf, engine, locate, sandbox } from './stage';
import { until } from './until';
import { breakDown } from './watching';

const MINUTE = 60_000;

beforeEach(() => captureLog());

const { WebSocket } = globalThis as { WebSocket?: unknown };
const setWebSocket = (value: unknown) => Object.assign(globalThis, { WebSocket: value });
afterEach(() => setWebSocket(WebSocket));

/** Becomes active while time passes. Gives what keeps it from that. */
async function outcomeOf(listening: Listening, mode: Parameters<Listening['activate']>[0] = 'activate') {
	let isDone = false;
	const outcome = listening
		.activate(mode)
		.then(() => undefined)
		.catch((error: unknown) => error as Error)
		.finally(() => (isDone = true));
	while (!isDone) await steered.pass(1000);
	return await outcome;
}

/** Waits until there is no connection any more, and nobody who waits for something. */
const nothingLeft = async () => await until(() => sandbox.events.connections.length + steered.waiting === 0);

/** What became of the publication of a workflow that nothing is left of. */
async function refusalOf(listening: Listening): Promise<string> {
	const error = await outcomeOf(listening);
	await nothingLeft();
	expect(listening.stored).not.toContain('newMail');
	return error?.message ?? 'It is published';
}

const userWithout = async (scope: string) =>
	await connected({ scopes: [...sandbox.app.userScopes].filter((one) => one !== scope) });

/** Where a port is that nobody listens at. */
const NOWHERE = 'http://127.0.0.1:9';

const SCOPE = 'mail:event';

/** What is wrong, how it is mended without publishing again, and what is told. */
interface Trouble {
	make: () => Promise<{ listener?: Partial<Listener>; parameters?: INodeParameters; mend?: () => unknown }>;
	message: string | RegExp;
	/** Which requests may come before it is found. Default: none. */
	after?: ApiName[];
}

/** What comes before the connection is opened, in whatever order. */
const SETTING_UP: ApiName[] = [
	'event.endpoint',
	'event.connect',
	'mail.event.subscribe',
	'auth.tenantAccessToken',
];

const troubles: Record<string, Trouble> = {
	'no WebSocket': {
		make: async () => {
			setWebSocket(undefined);
			return { mend: () => setWebSocket(WebSocket) };
		},
		message:
			"The long connection needs Node.js 22 or later, which this n8n does not run on. Update n8n, or use the 'Feishu Mail Trigger' node",
	},
	'credentials of different apps': {
		make: async () => {
			const credentials = await bothCredentials();
			const feishuMailApi = await credentialOf(sandbox.tenant.addApp());
			const { id, secret } = sandbox.app;
			const mend = async () =>
				await engine.credentials.change(feishuMailApi, { appId: id, appSecret: secret });
			return { listener: { credentials: { ...credentials, feishuMailApi } }, mend };
		},
		message:
			/^The credentials are of different apps: 'App ID' of the one is cli_\w+, 'Client ID' of the other is cli_\w+\. Feishu announces mails to the app through which the user is connected: choose credentials of the same app\.$/,
	},
	'credentials of different servers': {
		make: async () => {
			const credentials = await bothCredentials();
			const baseUrl = sandbox.url.replace('127.0.0.1', 'localhost');
			await engine.credentials.change(credentials.feishuMailApi!, { baseUrl });
			const mend = async () =>
				await engine.credentials.change(credentials.feishuMailApi!, { baseUrl: sandbox.url });
			return { listener: { credentials }, mend };
		},
		message:
			/^The credentials are of different servers: one is of http:\S+, the other of http:\S+\. Choose the same 'Region' in both credentials, or enter the same 'Base URL'\.$/,
	},
	'a user who is not connected': {
		make: async () => {
			const credentials = await bothCredentials();
			const user = credentials.feishuMailOAuth2Api!;
			const { oauthTokenData } = await engine.credentials.read(user);
			await engine.credentials.change(user, { oauthTokenData: {} });
			const mend = async () => await engine.credentials.change(user, { oauthTokenData: oauthTokenData! });
			return { listener: { credentials }, mend };
		},
		message: 'The credential is not connected: open it, connect your account and allow the access',
	},
	'an app without the permission': {
		make: async () => {
			const credentials = await bothCredentials();
			sandbox.app.userScopes.delete(SCOPE);
			return { listener: { credentials }, mend: () => sandbox.app.userScopes.add(SCOPE) };
		},
		message: `see that 'Scopes' of the credential holds ${SCOPE}, and that the app has it as a user token scope, then reconnect the credential`,
		after: SETTING_UP,
	},
	'a user who has not granted the permission': {
		make: async () => {
			// Feishu adds up what a user has ever granted.
			const credentials = {
				feishuMailApi: await engine.addCredential(),
				feishuMailOAuth2Api: await userWithout(SCOPE),
			};
			const mend = async () => {
				const { oauthTokenData } = await engine.credentials.read(await connected());
				await engine.credentials.change(credentials.feishuMailOAuth2Api, { oauthTokenData: oauthTokenData! });
			};
			return { listener: { credentials }, mend };
		},
		message: `The user has not granted a permission that this operation needs: see that 'Scopes' of the credential holds ${SCOPE}`,
		after: SETTING_UP,
	},
	'a mailbox of which the user is no member': {
		make: async () => {
			const team = sandbox.tenant.addMailbox('team@example.com');
			const mend = () => team.members.add(sandbox.user);
			return { parameters: { userMailboxId: 'team@example.com' }, mend };
		},
		message: /the user (must own the mailbox|owns it) or (be|is) a member of it/,
		after: SETTING_UP,
	},
	...Object.fromEntries(
		([514, 403, 10014] as const).map((code): [string, Trouble] => [
			`a wrong App Secret (${code})`,
			{
				make: async () => {
					sandbox.events.wrongSecret = code;
					const credentials = await bothCredentials();
					await engine.credentials.change(credentials.feishuMailApi!, { appSecret: 'wrong' });
					const mend = async () =>
						await engine.credentials.change(credentials.feishuMailApi!, { appSecret: sandbox.app.secret });
					return { listener: { credentials }, mend };
				},
				message: `Feishu does not accept this App ID and App Secret: copy both again from 'Credentials & Basic Info' of the app in the developer console, and check 'Region' of the credential (code ${code})`,
				after: SETTING_UP,
			},
		]),
	),
	'too many connections': {
		make: async () => {
			sandbox.events.otherConnections = 50;
			return { mend: () => (sandbox.events.otherConnections = 0) };
		},
		message:
			'The app has as many long connections as Feishu allows, 50: stop other programs and other n8n that use this app',
		after: SETTING_UP,
	},
	'a wrong region': {
		make: async () => {
			breakDown('event.endpoint', connectionRefusal(1000040351));
			return { mend: () => sandbox.clearFaults() };
		},
		message:
			"The app does not exist in this region: choose the one where it was made under 'Region' of the credential, or correct 'Base URL'",
		after: SETTING_UP,
	},
	'a server that cannot be reached': {
		make: async () => {
			const credentials = await bothCredentials();
			const at = async (baseUrl: string) => {
				await engine.credentials.change(credentials.feishuMailApi!, { baseUrl });
				await engine.credentials.change(credentials.feishuMailOAuth2Api!, { baseUrl });
			};
			await at(NOWHERE);
			return { listener: { credentials }, mend: async () => await at(sandbox.url) };
		},
		message:
			"The server refused the connection: check 'Region' and 'Base URL' of the credential, and that n8n may reach Feishu",
	},
};

const named = Object.entries(troubles);

describe('what keeps a workflow from being published is told in one message, and nothing is left of it:', () => {
	it.each(named)('%s', async (_, { make, message, after = [] }) => {
		const { listener, parameters } = await make();
		const listening = await instant(parameters, listener);
		expect(await refusalOf(listening)).toMatch(message);
		const asked = sandbox.requests.map(({ api }) => api);
		expect(asked.filter((api) => !after.includes(api as ApiName))).toEqual([]);
		expect(listening.errors).toEqual([]);
	});

	it.each<[string, INodeParameters, string]>([
		['an address that is none', { userMailboxId: 'Anna' }, "'Mailbox' must be the address of a mailbox"],
		['the folder of drafts', { folderId: locate('list', 'DRAFT') }, "'Folder': no mails come into DRAFT"],
		['no label', { source: 'label', labelId: locate('list', '') }, "'Label' is empty"],
		[
			'no interval',
			{ checkEvery: 0 },
			"'Check Every (Minutes)' must be a whole number above 0. Enter a number of minutes for 'Check Every (Minutes)'.",
		],
		['an interval that is none', { checkEvery: '={{ "often" }}' }, "'Check Every (Minutes)' must be a whole"],
		[
			'an interval that is lost',
			{ checkEvery: '={{ undefined }}' },
			"'Check Every (Minutes)' must be a whole",
		],
		['an output that there is not', { output: '={{ "raw" }}' }, "'Output'"],
		['a switch that is neither', { options: { unsubscribe: '={{ "maybe" }}' } }, "'Unsubscribe When"],
		['a switch that is lost', { options: { markAsRead: '={{ null }}' } }, "'Mark as Read' has no value"],
		...['sender', 'subject', 'hasAttachments', 'labelIds', 'readStatus'].map(
			(name): [string, INodeParameters, string] => [
				`a filter that is lost (${name})`,
				// What comes before it takes a request.
				{ folderId: locate('name', 'Projects'), filters: { [name]: '={{ undefined }}' } },
				'has no value: its expression gives nothing. Without it, mails would be delivered',
			],
		),
	])('%s, without a request', async (_, parameters, message) => {
		const listening = await instant(parameters);
		expect(await refusalOf(listening)).toContain(message);
		expect(sandbox.requests).toEqual([]);
	});

	it.each<[string, INodeParameters, string]>([
		['a folder that there is not', { folderId: locate('name', 'Projects') }, "no folder 'Projects'"],
		['a label that there is not', { filters: { labelIds: ['VIP'] } }, "no label 'VIP'"],
	])('%s', async (_, parameters, message) => {
		expect(await refusalOf(await instant(parameters))).toContain(message);
	});

	it('a list that begins with the oldest', async () => {
		sandbox.mailChoices.listOrder = 'oldestFirst';
		for (let number = 0; number < 25; number++) {
			receive();
			await steered.pass(10);
		}
		expect(await refusalOf(await instant())).toContain('Feishu lists these mails the oldest first');
	});

	it('but not spaces around the ids of the app', async () => {
		const credentials = await bothCredentials();
		const { id } = sandbox.app;
		await engine.credentials.change(credentials.feishuMailApi!, { appId: ` ${id}` });
		await engine.credentials.change(credentials.feishuMailOAuth2Api!, { clientId: `${id} ` });
		expect(await outcomeOf(await instant({}, { credentials }))).toBeUndefined();
	});

	it('and the workflow is published when it is mended', async () => {
		const { listener, mend } = await troubles['credentials of different apps']!.make();
		const listening = await instant({}, listener);
		await refusalOf(listening);
		await mend!();
		expect(await outcomeOf(listening)).toBeUndefined();
		receive({ subject: 'New' });
		await started(listening, 'New');
	});
});

describe.each(['init', 'leadershipChange'] as const)(
	'when n8n makes the workflow active by itself (%s), it is active, somebody is told, and it works once it is mended:',
	(mode) => {
		it.each(named)('%s', async (_, { make, message }) => {
			const { listener, parameters, mend } = await make();
			const listening = await instant(parameters, listener);
			expect(await outcomeOf(listening, mode)).toBeUndefined();
			// What passes by itself is told when it lasts.
			await steered.pass(5 * MINUTE);
			const told = listening.errors.map((error) =>
				[error.message, (error as { description?: string }).description].join('. '),
			);
			expect(told).toContainEqual(expect.stringMatching(asPattern(message)));
			await mend!();
			await steered.pass(16 * MINUTE);
			expect(sandbox.events.connections).toHaveLength(1);
			const { length } = listening.errors;
			const mailbox = sandbox.tenant.findMailbox(String(parameters?.userMailboxId)) ?? sandbox.mailbox;
			mailbox.receive({ subject: 'New' });
			await started(listening, 'New');
			await steered.pass(16 * MINUTE);
			expect(listening.errors).toHaveLength(length);
		});
	},
);

const asPattern = (text: string | RegExp) =>
	typeof text === 'string'
		? new RegExp(text.replace(/[()'.&]/g, '\\$&'))
		: new RegExp(text.source.replace(/\$$/, ''));

describe('where the mails are not announced, but may be read,', () => {
	it.each(['an app without the permission', 'a wrong App Secret (514)', 'no WebSocket'])(
		'a workflow that n8n makes active by itself gets them by its checks (%s)',
		async (trouble) => {
			const { listener } = await troubles[trouble]!.make();
			const listening = await instant({}, listener);
			await outcomeOf(listening, 'init');
			await steered.pass(MINUTE);
			receive({ subject: 'New' });
			await steered.pass(16 * MINUTE);
			await started(listening, 'New');
		},
	);
});

describe('the published version of the app', () => {
	const silence = ({ errors }: Listening) =>
		errors.filter(({ message }) => message === 'Feishu announces no mails to the app');

	it('that has no such event keeps no workflow from being published; what to do is told once', async () => {
		sandbox.app.versions[0]!.events = [];
		const listening = await active();
		await steered.pass(31 * MINUTE);
		expect(silence(listening)).toHaveLength(1);
		expect(silence(listening)[0]).toMatchObject({
			description: expect.stringMatching(
				/^Mails start the workflow all the same, but only every 15 minutes\. .*choose to receive events through a persistent connection, add the event 'Message received' \(mail\.user_mailbox\.event\.message_received_v1\), and release a new version\.$/,
			),
		});
		receive({ subject: 'One' });
		await steered.pass(15 * MINUTE);
		await started(listening, 'One');
		sandbox.app.versions[0]!.events = [mailEvent];
		receive({ subject: 'Two' });
		await started(listening, 'One', 'Two');
		expect(silence(listening)).toHaveLength(1);
	});

	it.each<[string, () => unknown]>([
		[
			'without the permission',
			() => {
				for (const scope of [...sandbox.app.scopes]) {
					if (scope.startsWith('application:')) sandbox.app.scopes.delete(scope);
				}
			},
		],
		['where Feishu fails', () => breakDown('application.versions', { status: 500, code: 1, msg: 'fault' })],
		[
			'where the server does not know it',
			() => breakDown('application.versions', { kind: 'html', status: 404 }),
		],
		['where it says something else', () => breakDown('application.versions', versions({ items: [null] }))],
		[
			'where it tells of no events',
			() => breakDown('application.versions', versions({ items: [{ status: 1, publish_time: '1' }] })),
		],
		[
			'where it is approved and not published',
			() => breakDown('application.versions', versions({ items: [{ status: 1, event_infos: [] }] })),
		],
		['where none is published', () => (sandbox.app.versions[0]!.status = 3)],
	])('that cannot be read is no failure (%s)', async (_, happens) => {
		happens();
		sandbox.app.versions[0]!.events = [];
		const listening = await instant();
		expect(await outcomeOf(listening)).toBeUndefined();
		await steered.pass(31 * MINUTE);
		expect(listening.errors).toEqual([]);
	});

	it('that Feishu is too busy to tell keeps nobody waiting', async () => {
		breakDown('application.versions', { code: 99991400, headers: { 'x-ogw-ratelimit-reset': '30' } });
		const listening = await instant();
		let isDone = false;
		const activation = listening.activate().finally(() => (isDone = true));
		await steered.pass(5000);
		expect(isDone).toBe(true);
		await activation;
	});

	it('is not asked for any more once mails are announced', async () => {
		const listening = await active();
		receive({ subject: 'New' });
		await started(listening, 'New');
		const asked = sandbox.requestsTo('application.versions').length;
		await steered.pass(31 * MINUTE);
		expect(sandbox.requestsTo('application.versions')).toHaveLength(asked);
	});
});

const versions = (data: unknown): AnswerFault => ({ code: 0, data });

it.each(['activate', 'update'] as const)('what passes is told when somebody publishes (%s)', async (mode) => {
	const listening = await instant();
	breakDown('mail.message.list', { status: 500, code: 1230003, msg: 'internal error' });
	expect(await outcomeOf(listening, mode)).toMatchObject({
		message: expect.stringContaining('run it again later'),
	});
	await nothingLeft();
});

it.each<[string, AnswerFault]>([
	['Feishu is busy', connectionRefusal(1)],
	['Feishu has an internal fault', connectionRefusal(1000040343)],
	['a proxy is in between', { status: 502, body: '<html></html>', contentType: 'text/html' }],
])('a connection that may come later is no reason not to be published (%s)', async (_, fault) => {
	breakDown('event.endpoint', fault);
	const listening = await instant();
	expect(await outcomeOf(listening)).toBeUndefined();
	expect(listening.errors).toEqual([]);
	expect(logged.join('\n')).toContain('It is tried again');
	sandbox.clearFaults();
	await steered.pass(5 * MINUTE);
	receive({ subject: 'New' });
	await started(listening, 'New');
});
