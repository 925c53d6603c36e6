import { tenantAccessToken } from './auth';
import { authorize, consent } from './authorize';
import { contactCreate, contactList } from './contacts';
import { labelCreate, labelList } from './labels';
import { oauthToken } from './oauthToken';
import { mailboxProfile, userInfo } from './users';

/** Every API that the sandbox knows. */
export const apis = [
	tenantAccessToken,
	authorize,
	consent,
	oauthToken,
	userInfo,
	mailboxProfile,
	contactCreate,
	contactList,
	labelCreate,
	labelList,
] as const;

export type ApiName = (typeof apis)[number]['name'];
