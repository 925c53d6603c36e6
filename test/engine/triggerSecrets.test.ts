import { captureLog, logged } from './capturedLog';

import type { AnswerFault, ApiName, Fault } from '../sandbox';
import { keepFilesIn } from './engine';
import type { Published } from './published';
import { active, breakDown, FILE, GET, LINKS, LIST, MODIFY, receive } from './watching';
import { connected, engine, sandbox } from './stage';

beforeAll(async () => await keepFilesIn('memory'));

const ALL = { downloadAttachments: true, markAsRead: true };

const faults: Array<[string, Fault]> = [
	['a refusal', { status: 400, code: 1230001, msg: 'parameter error' }],
	['a rejected token', { status: 400, code: 99991663, msg: 'Invalid access token' }],
	['a server fault', { status: 500, code: 1230003, msg: 'internal error' }],
	['a used-up quota', { code: 99991400, headers: { 'x-ogw-ratelimit-reset': '50' } }],
	['HTML', { kind: 'html' }],
	['a reset', { kind: 'reset', when: 'after' }],
	['a cut-off answer', { kind: 'truncated', how: 'length' }],
	['a redirect', { status: 302, headers: { location: '/elsewhere' }, body: '' }],
];

/** All that n8n keeps, shows and logs of a trigger. */
const everythingOf = ({ state, memory, executions, errors }: Published) =>
	[
		state,
		memory,
		JSON.stringify(executions),
		...errors.map((error) =>
			[error.stack, JSON.stringify(error), String((error as never)['description'])].join('\n'),
		),
		...logged,
	].join('\n');

const tokens = () =>
	sandbox.requests.flatMap(({ headers }) => /^Bearer (.*)$/.exec(String(headers.authorization))?.[1] ?? []);

const links = () => sandbox.requestsTo(FILE).map(({ query }) => String(query.code));

async function watched(who: 'an app' | 'a user') {
	const credential = who === 'a user' ? await connected() : await engine.addCredential();
	const trigger = await active({ options: ALL }, { credential });
	captureLog();
	return { trigger, credential };
}

const arriveWithFile = () => receive({ attachments: [{ filename: 'a.pdf', content: Buffer.from('a') }] });

describe.each(['an app', 'a user'] as const)('as %s', (who) => {
	describe.each([LIST, GET, MODIFY, LINKS, FILE, 'auth.tenantAccessToken'] as ApiName[])('%s', (api) => {
		it.each(faults)('%s shows no secret in state, output, error or log', async (_, fault) => {
			const { trigger, credential } = await watched(who);
			arriveWithFile();
			if (api.startsWith('auth.')) sandbox.app.revokeTokens();
			breakDown(api, fault);
			await trigger.ticks(5);
			sandbox.clearFaults();
			arriveWithFile();
			await trigger.ticks(2);
			expect(trigger.items.length).toBeGreaterThan(0);
			const everything = everythingOf(trigger);
			const { oauthTokenData = {} } = await engine.credentials.read(credential);
			const { refresh_token = 'no token' } = oauthTokenData as { refresh_token?: string };
			for (const secret of [...tokens(), ...links(), refresh_token, sandbox.app.secret, 'Bearer']) {
				expect(everything).not.toContain(secret);
			}
		});
	});

	it.each([LIST, GET, MODIFY, LINKS] as ApiName[])(
		'%s: what Feishu repeats of a secret is struck out, also in the log of a poll that fails quietly',
		async (api) => {
			const { trigger } = await watched(who);
			arriveWithFile();
			const fault: AnswerFault = { status: 500 };
			sandbox.fail({
				api,
				on: () => {
					const secret = `${tokens().at(-1)} ${sandbox.app.secret}`;
					fault.headers = { 'X-Tt-Logid': `log-${secret}` };
					fault.body = JSON.stringify({ code: 1230003, msg: `about ${secret}`, error: { log_id: secret } });
					return true;
				},
				with: fault,
			});
			await trigger.ticks(5);
			const everything = everythingOf(trigger);
			for (const secret of [...tokens(), sandbox.app.secret]) expect(everything).not.toContain(secret);
			if (api === LIST) expect(everything).toContain('about ***');
			expect(logged.join('\n')).toContain(api === MODIFY ? '' : 'a poll has failed');
		},
	);
});
