import { captureLog, logged } from './capturedLog';

import type { AnswerFault, ApiName, Fault } from '../sandbox';
import { keepFilesIn } from './engine';
import { bothCredentials, instant, receive, steered } from './instantStage';
import type { Listening } from './listening';
import { engine, sandbox } from './stage';
import { breakDown, FILE, GET, LINKS, LIST, MODIFY } from './watching';

const MINUTE = 60_000;

beforeAll(async () => await keepFilesIn('memory'));
beforeEach(() => captureLog());

const apis: ApiName[] = [
	'event.endpoint',
	'event.connect',
	'mail.event.subscribe',
	'mail.event.unsubscribe',
	'application.versions',
	'auth.tenantAccessToken',
	...([LIST, GET, MODIFY, LINKS, FILE] as ApiName[]),
];

const faults: Array<[string, Fault]> = [
	['HTML', { kind: 'html' }],
	['a reset', { kind: 'reset', when: 'after' }],
];

/** All that n8n keeps, shows and logs of a trigger. */
const everythingOf = ({ stored, executions, errors }: Listening) =>
	[
		stored,
		JSON.stringify(executions),
		...errors.map((error) =>
			[error.stack, JSON.stringify(error), String((error as never)['description'])].join('\n'),
		),
		...logged,
	].join('\n');

const bearers = () =>
	sandbox.requests.flatMap(({ headers }) => /^Bearer (.*)$/.exec(String(headers.authorization))?.[1] ?? []);

const queried = (api: ApiName, ...names: string[]) =>
	sandbox.requestsTo(api).flatMap(({ query }) => names.map((name) => String(query[name])));

async function whileTimePasses(work: Promise<unknown>) {
	let isDone = false;
	void work.finally(() => (isDone = true));
	while (!isDone) await steered.pass(1000);
}

/** A life in which everything is asked for. */
async function live(fault: () => void) {
	const credentials = await bothCredentials();
	const { oauthTokenData } = await engine.credentials.read(credentials.feishuMailOAuth2Api!);
	const options = { downloadAttachments: true, markAsRead: true, unsubscribe: true };
	const listening = await instant({ options }, { credentials });
	const arrive = () => receive({ attachments: [{ filename: 'a.pdf', content: Buffer.from('a') }] });
	fault();
	await whileTimePasses(listening.activate().catch((error: Error) => listening.errors.push(error)));
	await whileTimePasses(listening.deactivate());
	await listening.activate('init');
	await steered.pass(MINUTE);
	sandbox.events.closeAll();
	arrive();
	await steered.pass(2 * MINUTE);
	await whileTimePasses(listening.deactivate());
	sandbox.clearFaults();
	await listening.activate('init');
	await steered.pass(5000);
	arrive();
	await steered.pass(MINUTE);
	expect(listening.items.length).toBeGreaterThan(0);
	const { refresh_token = 'no token' } = oauthTokenData as { refresh_token?: string };
	const secrets = [
		...bearers(),
		...queried(FILE, 'code'),
		...queried('event.connect', 'ticket', 'access_key'),
		refresh_token,
		sandbox.app.secret,
		'Bearer',
	];
	const everything = everythingOf(listening);
	for (const secret of new Set(secrets)) expect(everything).not.toContain(secret);
	return everything;
}

describe.each(apis)('%s', (api) => {
	it.each(faults)('%s shows no secret in state, output, error or log', async (_, fault) => {
		await live(() => breakDown(api, fault));
	});

	it('what Feishu repeats of a secret is struck out', async () => {
		const fault: AnswerFault = { status: api.startsWith('event') ? 200 : 400 };
		const everything = await live(() =>
			sandbox.fail({
				api,
				on: () => {
					// No token is sent where the connection is asked for.
					const token = api.startsWith('event') ? '' : bearers().at(-1);
					const secret = `${token} ${sandbox.app.secret}`;
					fault.headers = { 'X-Tt-Logid': `log-${secret}` };
					fault.body = JSON.stringify({ code: 1230001, msg: `about ${secret}`, error: { log_id: secret } });
					return true;
				},
				with: fault,
			}),
		);
		if (['event.endpoint', 'mail.event.subscribe', LIST].includes(api)) {
			expect(everything).toContain('about ');
		}
	});
});
