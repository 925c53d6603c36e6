/** Why no answer came, and whether Feishu can have received the request. */
export interface ConnectionFailure {
	/** A clause for the user, without the error codes that n8n would replace a message for. */
	reason: string;
	/** Node.js or axios code, such as `ECONNRESET`. */
	code?: string;
	/** The connection was never made, so the request was not carried out. */
	neverSent: boolean;
}

/** Failures of finding and connecting to a host; nothing of the request has left at that point. */
const beforeSending: Record<string, string> = {
	ECONNREFUSED: 'The server refused the connection',
	ENOTFOUND: 'The host name of the server cannot be found',
	EAI_AGAIN: 'The host name of the server cannot be looked up right now',
	ENETUNREACH: 'The network of the server cannot be reached',
	EHOSTUNREACH: 'The server cannot be reached',
	CERT_HAS_EXPIRED: "The server's certificate has expired",
	DEPTH_ZERO_SELF_SIGNED_CERT: "The server's certificate is self-signed",
	SELF_SIGNED_CERT_IN_CHAIN: "The server's certificate is self-signed",
	UNABLE_TO_VERIFY_LEAF_SIGNATURE: "The server's certificate cannot be verified",
	UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "The server's certificate cannot be verified",
	ERR_TLS_CERT_ALTNAME_INVALID: "The server's certificate is for another host name",
};

/** Failures that leave open what the server did with the request. */
const whileWaiting: Record<string, string> = {
	ECONNRESET: 'The connection was closed before an answer came',
	EPIPE: 'The connection was closed before an answer came',
	ECONNABORTED: 'No answer came in time',
	ETIMEDOUT: 'No answer came in time',
	ERR_CANCELED: 'The execution was cancelled before an answer came',
	ERR_BAD_RESPONSE: 'The answer was cut off',
};

const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null;

/** The first code along the chain of causes: n8n wraps axios's error, axios wraps Node's. */
function codeOf(error: unknown): string | undefined {
	for (let level = error; isObject(level); level = level.cause) {
		if (typeof level.code === 'string') return level.code;
	}
	return undefined;
}

/** Reads why a request got no answer from the error that n8n's HTTP helper threw. */
export function connectionFailure(error: unknown): ConnectionFailure {
	const code = codeOf(error);
	const before = code && beforeSending[code];
	const reason = before || (code && whileWaiting[code]) || 'The connection to the server failed';
	return { reason, code, neverSent: Boolean(before) };
}
