"""The local OME-Zarr images of a release, as plain files: viewers read them chunk by chunk."""

from fastapi import APIRouter, Request, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from bioimg_kg.endpoint.pictures.routes import local_folders
from bioimg_kg.endpoint.service import Service


def images_router(service: Service) -> APIRouter:
    """Return the routes below ``/omezarr/``, which is where ``schema:contentUrl`` of local images points to.

    The folders are those that the build of the current release was given; without one there is nothing here.
    """
    router = APIRouter()

    @router.get("/omezarr/{path:path}")
    async def image_file(path: str, request: Request) -> Response:
        folders = local_folders(service)
        if not folders:
            raise HTTPException(404, "this release has no local images")
        # only what is inside an image: a folder may hold more than images
        if not any(part.endswith(".zarr") for part in path.split("/")[:-1]):
            raise HTTPException(404)
        files = StaticFiles(check_dir=False)
        files.all_directories = [*folders]
        response = await files.get_response(path, request.scope)
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    return router
