import type { ICredentialDataDecryptedObject, INodeCredentialsDetails, INodeParameters } from 'n8n-workflow';

import { Sandbox, type ApiName, type App, type User } from '../sandbox';
import { Engine, type Run, type RunOptions } from './engine';
import { VirtualTime } from './virtualTime';

/**
 * Each test of a file that imports the stage has a Feishu of its own, an n8n, and time that waiting does not take.
 * The imported names stand for those of the test that runs: they are not there yet where a file begins.
 */
export let sandbox: Sandbox;
export let engine: Engine;
/** `time.end()` goes back to real time. */
export let time: VirtualTime;

beforeEach(async () => {
	sandbox = await Sandbox.start();
	engine = new Engine(sandbox);
	time = new VirtualTime();
});

afterEach(async () => {
	time.end();
	await sandbox.close();
});

/** Runs an operation in the sandbox's own mailbox. */
export const run = async (
	resource: string,
	operation: string,
	parameters: INodeParameters = {},
	options: Partial<RunOptions> = {},
): Promise<Run> =>
	await engine.run({
		parameters: { resource, operation, userMailboxId: sandbox.mailbox.address, ...parameters },
		...options,
	});

/** `run` of one resource. */
export const runOn = (resource: string) => run.bind(undefined, resource);

export const continues = { onError: 'continueRegularOutput' } as const;

/** A credential of an app. For the sandbox's own app none is needed, and `engine.addCredential` changes its fields. */
export const credentialOf = async ({ id, secret }: App): Promise<INodeCredentialsDetails> =>
	await engine.addCredential({ appId: id, appSecret: secret });

/** A credential of an app that has all scopes but those with one of these words in them. */
export const appWithout = async (...words: string[]): Promise<INodeCredentialsDetails> => {
	const scopes = [...sandbox.app.scopes].filter((scope) => !words.some((word) => scope.includes(word)));
	return await credentialOf(sandbox.tenant.addApp({ scopes }));
};

/** A credential that a user has connected; `change` changes its fields. */
export const connected = async (
	{ app = sandbox.app, ...granted }: { app?: App; user?: User; scopes?: Iterable<string> } = {},
	change: ICredentialDataDecryptedObject = {},
): Promise<INodeCredentialsDetails> =>
	await engine.credentials.add('feishuMailOAuth2Api', {
		region: 'custom',
		baseUrl: sandbox.url,
		customAuthUrl: sandbox.authorizeUrl,
		customTokenUrl: sandbox.tokenUrl,
		clientId: app.id,
		clientSecret: app.secret,
		oauthTokenData: { ...sandbox.issueUserTokens({ app, ...granted }) },
		...change,
	});

/** As many items, each with a name of its own. */
export const named = (count: number, word = 'No.') =>
	Array.from({ length: count }, (_, index) => ({ name: `${word} ${index}` }));

/** What a field holds that chooses one thing: a contact, a label, a folder. */
export const locate = (mode: string, value: string) => ({ __rl: true, mode, value });

/** The bodies that reached an API. */
export const bodies = (api: ApiName) => sandbox.requestsTo(api).map(({ body }) => body);

/** The requests that change something in a mailbox. */
export const writes = () =>
	sandbox.requests.filter(({ api, method }) => api?.startsWith('mail.') && method !== 'GET');

/** Does something when the nth request from now on arrives, which a fault asked for later may meet. */
export const onRequest = (api: ApiName, nth: number, happens: () => unknown) =>
	sandbox.fail({
		api,
		on: (n) => {
			if (n === nth) void happens();
			return false;
		},
		with: {},
	});
