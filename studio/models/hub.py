"""Downloading a model in diffusers' format from the Hugging Face hub."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable

from huggingface_hub import constants, snapshot_download
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
)

from studio.core.errors import BadInput, CannotLoad, CannotWrite
from studio.core.model_info import ModelInfo
from studio.models.catalogue import Catalogue, describe

WANTED = ("model_index.json", "*/*.json", "tokenizer/*.txt", "*/*.safetensors")
# The base of whatever the hub's own HTTP client raises: which client that is differs by version.
CLIENT_ERROR: type[Exception] = HfHubHTTPError.__bases__[0]
UNWANTED = ("*.fp16.*", "*.non_ema.*", "safety_checker/*", "*/model.onnx*", "flax_*")


def get(repo: str, catalogue: Catalogue, tell: Callable[[str], None]) -> ModelInfo:
    """Download `repo` ("owner/name") and add it to the catalogue. `tell` hears what is going on.

    Goes to a folder ending in .part, which is resumed the next time and renamed when it is
    complete: a half-made model is never seen as one. Raises BadInput, CannotLoad, CannotWrite.
    """
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", repo):
        raise BadInput(f"{repo} is not the name of a repository.", "Write it as owner/name.")
    if constants.HF_HUB_OFFLINE:
        raise CannotLoad("Downloads are switched off by HF_HUB_OFFLINE.", "Unset it.")
    name = repo.replace("/", "--")
    final, part = catalogue.downloads / name, catalogue.downloads / f"{name}.part"
    if final.exists():
        return catalogue.add(final)
    tell(f"Downloading {repo} …")
    try:
        part.mkdir(parents=True, exist_ok=True)
        snapshot_download(
            repo,
            local_dir=part,
            allow_patterns=list(WANTED),
            ignore_patterns=list(UNWANTED),
        )
        describe(part)
        shutil.rmtree(part / ".cache", ignore_errors=True)
        part.rename(final)
    except GatedRepoError as error:
        raise CannotLoad(
            f"{repo} asks for its licence to be accepted.",
            "Accept it on its page, log in with `hf auth login`, and try again.",
        ) from error
    except RepositoryNotFoundError as error:
        raise CannotLoad(f"There is no model {repo} on the hub, or it is private.") from error
    except HFValidationError as error:
        raise BadInput(f"{repo} is not the name of a repository.") from error
    except (HfHubHTTPError, LocalEntryNotFoundError, CLIENT_ERROR) as error:
        raise CannotLoad(
            f"{repo} could not be downloaded: the hub did not answer as it should.",
            "Check the network and try again; what has arrived is kept.",
        ) from error
    except OSError as error:
        raise CannotWrite(
            f"{repo} could not be downloaded: {error.strerror or error}.",
            "Check the network and the disk and try again; what has arrived is kept.",
        ) from error
    return catalogue.add(final)
