/** Why no answer came, and whether Feishu can have received the request. */
export interface ConnectionFailure {
	/** A clause for the user, without the error codes that n8n would replace a message for. */
	reason: string;
	/** Node.js or axios code, such as `ECONNRESET`. */
	code?: string;
	/** The connection was never made, so the request was not carried out. */
	neverSent: boolean;
}

/** Failures of which the code alone tells that nothing of the request has left. */
const beforeSending: Record<string, string> = {
	ECONNREFUSED: 'The server refused the connection',
	ENOTFOUND: 'The host name of the server cannot be found',
	EAI_AGAIN: 'The host name of the server cannot be looked up right now',
	CERT_HAS_EXPIRED: "The server's certificate has expired",
	DEPTH_ZERO_SELF_SIGNED_CERT: "The server's certificate is self-signed",
	SELF_SIGNED_CERT_IN_CHAIN: "The server's certificate is self-signed",
	UNABLE_TO_VERIFY_LEAF_SIGNATURE: "The server's certificate cannot be verified",
	UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "The server's certificate cannot be verified",
	ERR_TLS_CERT_ALTNAME_INVALID: "The server's certificate is for another host name",
};

/** Failures that may come while connecting, when nothing has left, or while waiting for the answer. */
const atAnyTime: Record<string, string> = {
	ENETUNREACH: 'The network of the server cannot be reached',
	EHOSTUNREACH: 'The server cannot be reached',
	ECONNRESET: 'The connection was closed before an answer came',
	EPIPE: 'The connection was closed before an answer came',
	ECONNABORTED: 'No answer came in time',
	ETIMEDOUT: 'No answer came in time',
	ERR_CANCELED: 'The execution was cancelled before an answer came',
	ERR_BAD_RESPONSE: 'The answer was cut off',
};

/** System calls of Node.js that find a host and connect to it. */
const connecting: ReadonlySet<unknown> = new Set(['getaddrinfo', 'connect']);

const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null;

/**
 * The first code along the chain of causes, and the system calls that failed: n8n wraps axios's error, axios wraps
 * Node's, and where a host has several addresses, Node's holds one error for each.
 */
function readChain(error: unknown): { code?: string; calls: unknown[] } {
	let code: string | undefined;
	for (let level = error; isObject(level); level = level.cause) {
		if (typeof level.code === 'string') code ??= level.code;
		if (Array.isArray(level.errors)) {
			return { code, calls: level.errors.map((each) => isObject(each) && each.syscall) };
		}
		if (level.syscall !== undefined) return { code, calls: [level.syscall] };
	}
	return { code, calls: [] };
}

/**
 * What n8n up to 2.33 leaves of its error's cause: the code in `httpCode`, which is the status of the answer where that
 * broke off, and the system call as the first word of the first message.
 */
function withCause(error: unknown): unknown {
	if (!isObject(error) || error.cause || typeof error.httpCode !== 'string') return error;
	const [message] = Array.isArray(error.messages) ? error.messages.map(String) : [];
	const brokeOff = message?.endsWith('aborted');
	const code = brokeOff ? 'ERR_BAD_RESPONSE' : error.httpCode.replace(/^\d+$/, '');
	return { code, syscall: message?.match(/^(\w+) E[A-Z]+\b/)?.[1] };
}

/** Reads why a request got no answer from the error that n8n's HTTP helper threw. */
export function connectionFailure(error: unknown): ConnectionFailure {
	const { code = '', calls } = readChain(withCause(error));
	return {
		reason: beforeSending[code] ?? atAnyTime[code] ?? 'The connection to the server failed',
		code: code || undefined,
		neverSent:
			calls.length > 0 ? calls.every((call) => connecting.has(call)) : Object.hasOwn(beforeSending, code),
	};
}
