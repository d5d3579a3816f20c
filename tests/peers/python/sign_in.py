"""Signs in at the emulator's own authority, and asks with the token; with another one it is refused."""

import json
import sys

from azure.kusto.data import KustoClient, KustoConnectionStringBuilder
from azure.kusto.data.exceptions import KustoError

cluster = sys.argv[1]
# MSAL asks Microsoft about every authority but those whose tenant is "adfs".
signed = KustoConnectionStringBuilder.with_aad_application_key_authentication(cluster, "app", "any secret", "adfs")
rows = KustoClient(signed).execute("Peers", "print x=1").primary_results[0]
try:
    other = KustoConnectionStringBuilder.with_aad_application_token_authentication(cluster, "a token of somebody else's")
    KustoClient(other).execute("Peers", "print x=1")
    refused = False
except KustoError as error:
    refused = "401" in str(error) or "token" in str(error).lower()
print(json.dumps({"x": rows[0]["x"], "refused": refused}))
