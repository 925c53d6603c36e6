import type { AnswerFault } from '../faults';
import { admit, Refusal, success } from '../platform';
import type { Answer, Api } from '../platform';

/** What the endpoint refuses with, and its words. [SDK, seen] */
const refusals = {
	1: 'system busy',
	403: 'forbidden',
	514: 'authentication failed',
	10014: 'app secret invalid',
	1000040343: 'internal error',
	1000040344: 'app_id or app_secret is empty',
	1000040350: 'exceed connection limit',
	1000040351: 'Incorrect domain name',
} as const;

export type ConnectionRefusal = keyof typeof refusals;

/** [SDK] HTTP 200, and `data` is an object: its client would stumble over an answer without one. */
function refusalBody(code: ConnectionRefusal) {
	return { code, msg: refusals[code], data: {} };
}

/** For `Sandbox.fail`: what the endpoint answers when it refuses. */
export function connectionRefusal(code: ConnectionRefusal): AnswerFault {
	return { status: 200, error: null, ...refusalBody(code) };
}

function refused(code: ConnectionRefusal): Refusal {
	return new Refusal({ status: 200, json: refusalBody(code), executed: false });
}

/** POST endpoint: app id and secret for the address of a long connection. [SDK] */
export const connectionEndpoint: Api<'event.endpoint'> = {
	name: 'event.endpoint',
	method: 'POST',
	path: '/callback/ws/endpoint',
	tokenTypes: [],
	scopes: [],
	fieldScopes: [],
	answer({ request, world: { tenants, events, url } }) {
		const { AppID: id, AppSecret: secret } = (request.body ?? {}) as Record<string, unknown>;
		if (typeof id !== 'string' || id === '' || typeof secret !== 'string' || secret === '') {
			throw refused(1000040344);
		}
		const app = tenants.flatMap(({ apps }) => apps).find((candidate) => candidate.id === id);
		if (app?.secret !== secret) throw refused(events.wrongSecret);
		// An app that is not in use: the sandbox's choice.
		if (!app.enabled) throw refused(403);
		if (events.countOf(app) >= events.connectionLimit) throw refused(1000040350);
		const data = { URL: events.newAddress(app, url), ClientConfig: events.clientConfig };
		return { status: 200, json: { code: 0, msg: '', data }, executed: true };
	},
};

/**
 * What a refused handshake says in its headers; which HTTP status it has is not known.
 *
 * @param code - [Go SDK] besides, for some of the refusals
 */
function handshakeRefused(status: 403 | 514, code?: ConnectionRefusal): Answer {
	return {
		status: 403,
		headers: {
			'Handshake-Status': String(status),
			'Handshake-Msg': refusals[code ?? status],
			...(code === undefined ? {} : { 'Handshake-Autherrcode': String(code) }),
		},
		text: '',
		executed: false,
	};
}

/** GET ws/v2: makes a WebSocket of the request (HTTP 101), where it has a ticket that nobody has used yet. */
export const connectionOpen: Api<'event.connect'> = {
	name: 'event.connect',
	method: 'GET',
	path: '/ws/v2',
	tokenTypes: [],
	scopes: [],
	fieldScopes: [],
	answer({ request: { headers, query }, world: { events } }) {
		if (!/^websocket$/i.test(String(headers.upgrade))) {
			return { status: 400, text: 'Bad Request', contentType: 'text/plain', executed: false };
		}
		const app = events.appOf(String(query.ticket));
		if (app === undefined) throw new Refusal(handshakeRefused(514));
		if (events.countOf(app) >= events.connectionLimit) throw new Refusal(handshakeRefused(514, 1000040350));
		return { status: 101, executed: true };
	},
};

/** GET connection: how many connections the app has. Whether it takes a scope is not known. [cli] */
export const connectionCount: Api<'event.connections'> = {
	name: 'event.connections',
	method: 'GET',
	path: '/open-apis/event/v1/connection',
	tokenTypes: ['tenant'],
	scopes: [],
	fieldScopes: [],
	documentedQuota: { limit: 10, window: 1 },
	answer(call) {
		const { app } = admit(call, connectionCount);
		return success({ online_instance_cnt: call.world.events.countOf(app) });
	},
};
