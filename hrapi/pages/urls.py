from __future__ import annotations

from django.urls import path

from hrapi.pages.views.batch import BatchPage
from hrapi.pages.views.entry import EntryPage
from hrapi.pages.views.password import PasswordPage
from hrapi.pages.views.start import LoginPage, StartPage
from hrapi.pages.views.work_list import WorkListFile, WorkListPage

urlpatterns = [
    path("", StartPage.as_view(), name="home"),
    path("batches/<int:pk>/", BatchPage.as_view(), name="batch-page"),
    path("rejected-rows.csv", WorkListFile.as_view(), name="work-list-file"),
    path("rejected-rows/", WorkListPage.as_view(), name="work-list"),
    path("rejected-rows/<int:pk>/", EntryPage.as_view(), name="work-list-entry"),
    path("accounts/login/", LoginPage.as_view()),
    path("accounts/password_change/", PasswordPage.as_view(), name="password-change"),
]
