/** What the operator's Leases are called, or begin with, and who reports its events. */
export const operatorName = 'vmss-identity-operator';
