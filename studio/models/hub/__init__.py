"""Models from the Hugging Face hub.

What the hub is, its library says: the endpoint, the person's token, the offline switch come from
`huggingface_hub`. The bytes are fetched by our own few modules on `requests`, because the library
(2.4.0) writes each download into a file of a random name that it deletes when the line is cut, so
that a killed or broken download begins again at 0; it knows no pause, checks no sha256, and its
other way, xet, can be stopped only between whole files. Here a download

- goes on at the byte where it stopped (`transfer`), whatever stopped it (`incomplete`),
- is checked against the hash the hub gives for every file,
- stops within milliseconds, since its socket is shut down (`halt`),
- becomes visible as a model by one rename, when all of it is there (`download`).

Files in xet storage are served over plain HTTP with ranges too, by the same addresses.
"""
